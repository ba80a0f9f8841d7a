# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""The servers that bench-peers measures: each is started for one measurement and ended after it.

Nothing is ended but what was started here: Roost by its supervisor, the others by their process ids.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from machine import HOME
from rows import AT_ONCE, USUAL

BUILT = HOME / ".build/release"
SCRATCH = HOME / "run/bench-peers"


class ServerFailure(Exception):
    """A server that did not start, and why."""


class Server:
    """One of those measured.

    `nodes_max` is how many can be linked, `flags` are roost-bench's for this server, and `acknowledging` are the kinds
    of receivers that it is measured with.
    """

    def __init__(self, name, title, nodes_max=2, flags=(), acknowledging=(USUAL, AT_ONCE)):
        self.name, self.title, self.nodes_max, self.flags = name, title, nodes_max, flags
        self.acknowledging = acknowledging

    def passes(self, row):
        """The kinds of receivers with which the row measures this server, none if it cannot take part."""
        if row.nodes > self.nodes_max:
            return ()
        return [kind for kind in row.acknowledging if kind in self.acknowledging]

    @contextlib.contextmanager
    def running(self, nodes):
        """The ports on which `nodes` linked servers accept clients, for as long as the context lasts."""
        ports = self.ports(nodes)
        for port in ports:
            if _listens(port):
                raise ServerFailure(f"port {port} is taken by another process")
        try:
            self.up(nodes)
            yield ports
        finally:
            with _undisturbed():
                self.down()

    def ports(self, nodes):
        raise NotImplementedError

    def up(self, nodes):
        raise NotImplementedError

    def down(self):
        raise NotImplementedError

    def version(self):
        raise NotImplementedError


class Roost(Server):
    """A cluster of Roost. `settings` are variables that go over those of its topology, a file of cluster/."""

    base_port = int(os.environ.get("BASE_PORT", "17667"))
    directory = SCRATCH / "roost"

    def __init__(self, name, title, topology="bench.yaml", settings=None):
        super().__init__(name, title)
        self.topology, self.settings = HOME / "cluster" / topology, settings or {}

    def ports(self, nodes):
        return [self.base_port + node for node in range(nodes)]

    def up(self, nodes):
        _command(
            BUILT / "roost", "cluster", "up", *os.environ.get("UP_FLAGS", "").split(), "--topology",
            self.topology, "--nodes", nodes, "--base-port", self.base_port, "--dir", self.directory, "--detach",
            settings=self.settings)

    def down(self):
        # What did not come up has no supervisor to ask.
        with contextlib.suppress(ServerFailure):
            _command(BUILT / "roost", "cluster", "down", "--dir", self.directory)

    def processes(self):
        """The process ids of the nodes, in order."""
        state = json.loads((self.directory / "state.json").read_text())
        return [node["pid"] for node in state["nodes"]]

    def version(self):
        return f"Roost {_command(BUILT / 'roost', '--version')}"


class Peer(Server):
    """A server that cluster/peers/peers starts, alone or as a pair."""

    def __init__(self, name, title, ports, flags=()):
        super().__init__(name, title, flags=flags)
        self._ports = ports

    def ports(self, nodes):
        return self._ports[nodes]

    def up(self, nodes):
        _command(HOME / "cluster/peers/peers", "up", SCRATCH / self.name, self.name + ("-pair" if nodes == 2 else ""))

    def down(self):
        _command(HOME / "cluster/peers/peers", "down", SCRATCH / self.name)

    def version(self):
        said = _command(self.name, "--version")
        number = re.search(r"\d[\d.]*", said)
        return f"{self.title} {number.group() if number else said}"


class Floor(Server):
    port = 6721

    def __init__(self, writing, title):
        super().__init__(f"floor-{writing}", title, nodes_max=1, acknowledging=(USUAL,))
        self.writing = writing
        self.process = None

    def ports(self, nodes):
        return [self.port]

    def up(self, nodes):
        arguments = [BUILT / "roost-floor", "--port", str(self.port), "--write", self.writing]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 10
        while not _listens(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailure(f"{' '.join(map(str, arguments))} does not listen")
            time.sleep(0.01)

    def down(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def version(self):
        """Nothing: it is of Roost's commit."""
        return ""


SERVERS = {
    server.name: server
    for server in (
        Roost("roost", "Roost"),
        Peer("inspircd", "InspIRCd", {1: [6711], 2: [6712, 6713]}),
        # Its listen backlog is 10: what does not fit is tried again by the client's system after a second.
        Peer("ngircd", "ngIRCd", {1: [6701], 2: [6702, 6703]}, flags=("--handshakes", "8")),
        Floor("each", "floor, a send a line"),
        Floor("gathered", "floor, gathered"),
    )
}


def _command(*arguments, settings=None):
    """What a command prints; ServerFailure with the last line of its complaints if it fails."""
    # In a session of its own, so that Ctrl-C ends nothing before it is this program that ends it.
    done = subprocess.run(
        [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, start_new_session=True, env={**os.environ, **(settings or {})})
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        raise ServerFailure(f"{pathlib.Path(str(arguments[0])).name}: {said[-1]}")
    return done.stdout.strip()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def _undisturbed():
    """Keeps signals away from the ending of a server."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
