# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Calls of roost-bench."""

import json
import subprocess

from servers import BUILT, ServerFailure


class Generator:
    """One call for one row, from its start to its report."""

    def __init__(self, ports, seconds, *flags):
        arguments = [BUILT / "roost-bench", "--json", "--seconds", seconds, *flags]
        for port in ports:
            arguments += ["--target", f"127.0.0.1:{port}"]
        self._patience = 300 + 2 * seconds
        # In a session of its own, so that Ctrl-C ends it only when we do.
        self._process = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def report(self):
        """What it found; ServerFailure where a message did not arrive, or with what went wrong."""
        try:
            said, complaint = self._process.communicate(timeout=self._patience)
        except subprocess.TimeoutExpired:
            raise ServerFailure("no end within five minutes") from None
        try:
            report = json.loads(said)
        except json.JSONDecodeError:
            raise ServerFailure(complaint.strip() or f"roost-bench ended with {self._process.returncode}") from None
        if not report["ok"]:
            faults = [f"{report[kind]} {kind}" for kind in ("lost", "doubled", "reordered", "foreign") if report[kind]]
            raise ServerFailure(report.get("failure") or ", ".join(faults))
        return report
