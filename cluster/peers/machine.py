# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""The machine that is measured on: what it is, and how much of it the host of a virtual machine took."""

import contextlib
import datetime
import os
import pathlib
import platform
import resource
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent.parent

# A host that takes one hundredth of the time decides p99. Up to this share it does not.
CALM = 0.003


def processor_ticks():
    """The processors' ticks so far, as proc(5) lists them for /proc/stat: the eighth are those that the host took."""
    return [int(ticks) for ticks in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def stolen(before, after):
    """The share of the processors' time that the host of a virtual machine gave to others between two readings."""
    passed = [late - early for early, late in zip(before, after)]
    return round(passed[7] / max(1, sum(passed)), 4)


def conditions(versions, repeat, seconds):
    """What a reader must know to compare: machine, versions, commit, date, lengths."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _git("rev-parse", "--short=10", "HEAD") + (" and changes" if _git("status", "--porcelain") else ""),
        "machine": f"{os.cpu_count()} cores ({_processor()}), Linux {platform.release()}",
        "load": f"{os.getloadavg()[0]:.2f}",
        "versions": ", ".join(filter(None, versions)),
        "lengths": f"{repeat} round{'s' if repeat > 1 else ''} of {seconds:g} s",
    }


def raise_descriptor_limit(wanted, program):
    """For this process and all that it starts, as far as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
        print(f"{program}: {most} open files are allowed; rows of more clients will fail", file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _processor():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _git(*arguments):
    """What git says; nothing where the sources are no checkout."""
    done = subprocess.run(["git", *arguments], cwd=HOME, capture_output=True, text=True)
    return done.stdout.strip()
