# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What bench-pressure puts nodes under, what must hold meanwhile, and the table of what did.

A sample is one round of one case: {"case", "round"} and either "failure" or "p99_before" and "p99_during" in µs,
"memory_before", "memory_peak" and "memory_after" in bytes, and "stolen".
"""

import statistics
from dataclasses import dataclass, field

# Others' p99 may at most double.
RATIO_MAX = 2.0

MIB = 1 << 20
SEND_QUEUE = 1 * MIB
RECEIVE_QUEUE = 64 << 10
# Of cluster/pressure.yaml; each node keeps a log for each node's stream.
REPLAY = 4 * MIB
# What libzmq keeps for a peer that does not take it: 1,024 batches of 64 KiB at most.
BATCHES = 1_024 * (64 << 10)

SILENT = 20


@dataclass(frozen=True)
class Case:
    """A pressure: what is measured, what others do before and during it, and by how much memory may grow.

    `measured` and `others` are flags of roost-bench; `others` may be none. Of `calm` and `pressed`, the one that fits
    the phase is added to the flags of what is measured, or of the others where there are some. A node `stopped` stands
    still for part of the pressed phase.
    """

    name: str
    title: str
    measured: tuple
    limit: int
    limit_text: str
    others: tuple = ()
    calm: tuple = ()
    pressed: tuple = ()
    others_when_calm: bool = True
    nodes: int = 1
    stopped: bool = False
    settings: dict = field(default_factory=dict)


PAIRS = ("--rows", "open-loop", "--clients", "100")
BURST_LIMIT = RECEIVE_QUEUE + SEND_QUEUE + REPLAY
BURST_TEXT = "a receive queue, a send queue, a log"

CASES = {
    case.name: case
    for case in (
        Case("silent", f"{SILENT} members of a busy channel who read nothing",
             # Fast enough that what the system keeps for each, some MiB, and the send queue are full in time.
             ("--rows", "silent", "--clients", "10", "--rate", "3000", "--length", "350"), SILENT * SEND_QUEUE + REPLAY,
             f"{SILENT} send queues, a log", calm=("--silent", "0"), pressed=("--silent", SILENT)),
        Case("lagging", "a peer that stands still for 2 s, with 1,000 messages/s to it",
             PAIRS, 2 * REPLAY + BATCHES, "2 logs, 1,024 batches of 64 KiB", others=("--rows", "open-loop-across"),
             nodes=2, stopped=True),
        Case("burst", "a burst from one sender, without flood limit", PAIRS, BURST_LIMIT, BURST_TEXT,
             others=("--rows", "burst"), others_when_calm=False),
        Case("burst-limited", "a burst from one sender, `limits.flood-rate` 50", PAIRS, BURST_LIMIT, BURST_TEXT,
             others=("--rows", "burst", "--window", "300"), others_when_calm=False,
             settings={"ROOST_LIMITS_FLOOD_RATE": "50", "ROOST_LIMITS_FLOOD_BURST": "100"}),
    )
}


def table(samples):
    """The cases that were measured, with medians of all rounds and (least–greatest) of the ratios."""
    lines = [
        "| pressure | p99 before | during | ratio, ≤ 2 | | memory before | peak | after | may grow by | |",
        "|---|---:|---:|---:|---|---:|---:|---:|---|---|"]
    for case in CASES.values():
        rounds = [sample for sample in samples if sample["case"] == case.name]
        if rounds:
            lines.append(f"| {case.title} | " + " | ".join(_cells(case, rounds)) + " |")
    return lines


def is_sound(samples):
    """Whether every round could be carried out, with every message where it should be."""
    return bool(samples) and not any("failure" in sample for sample in samples)


def _cells(case, rounds):
    failures = [sample["failure"] for sample in rounds if "failure" in sample]
    whole = [sample for sample in rounds if "failure" not in sample]
    limit = f"{case.limit / MIB:.1f} MiB: {case.limit_text}"
    if failures:
        return "", "", "", f"fails, {len(failures)} of {len(rounds)} rounds: {failures[0]}", "", "", "", limit, ""
    middle = {key: statistics.median(sample[key] for sample in whole) for key in whole[0] if key not in ("case", "round")}
    ratios = [sample["p99_during"] / sample["p99_before"] for sample in whole]
    ratio = statistics.median(ratios)
    growth = max(sample["memory_peak"] - sample["memory_before"] for sample in whole)
    return (
        _time(middle["p99_before"]), _time(middle["p99_during"]),
        f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})", _verdict(ratio <= RATIO_MAX),
        *(f"{middle[key] / MIB:.1f} MiB" for key in ("memory_before", "memory_peak", "memory_after")),
        limit, _verdict(growth <= case.limit) + f", {growth / MIB:.1f} MiB at most")


def notes(samples):
    """What a reader of the table must know."""
    lines = [
        "Medians of all rounds; of the growth the greatest. A ratio is the median of the rounds' (least–greatest). "
        "Memory is resident memory of the first node, its peak from the beginning of the pressure on."]
    taken = [sample["stolen"] for sample in samples if "stolen" in sample]
    if max(taken, default=0) >= 0.01:
        lines.append(
            f"The host of this virtual machine took {100 * statistics.mean(taken):.1f} % of its time for others; that "
            "shows in p99 first.")
    return lines


def _verdict(is_reached):
    return "reached" if is_reached else "not reached"


def _time(microseconds):
    return f"{microseconds:,.0f} µs" if microseconds < 10_000 else f"{microseconds / 1_000:,.1f} ms"
