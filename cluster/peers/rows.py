# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What bench-peers measures, and what Roost is to reach beside the others.

A row is one call of roost-bench. Its receivers either read as clients usually do or, measured besides where it
matters, acknowledge each read at once (--quick-ack): InspIRCd and ngIRCd do not set TCP_NODELAY, so they may wait for
an acknowledgement that an idle receiver holds back for up to 40 ms.
"""

from dataclasses import dataclass

USUAL, AT_ONCE = "usual", "at-once"


@dataclass(frozen=True)
class Figure:
    """One number of a report of roost-bench."""

    key: str
    unit: str
    higher_is_better: bool

    def read(self, report):
        value = report.get(self.key)
        return value["median"] if value else None

    def text(self, value):
        return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


DELIVERIES_PER_CPU = Figure("cost", "deliveries per CPU s", True)
ROUND_TRIPS_PER_CPU = Figure("cost", "round trips per CPU s", True)
DELIVERIES = Figure("rate", "deliveries/s", True)
ROUND_TRIPS = Figure("rate", "round trips/s", True)
REGISTRATIONS = Figure("rate", "clients/s", True)
CPU_EACH = Figure("cost", "µs CPU each", False)
BYTES_EACH = Figure("cost", "bytes each", False)
P50 = Figure("p50", "p50, µs", False)
P99 = Figure("p99", "p99, µs", False)


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    flags: tuple
    figures: tuple
    nodes: int = 1
    acknowledging: tuple = (USUAL,)


def _rooms(count):
    return Row(
        f"rooms-{count}", f"{count} rooms of 10, everyone talks", ("--rows", "rooms", "--rooms", str(count)),
        (DELIVERIES_PER_CPU, DELIVERIES), acknowledging=(USUAL, AT_ONCE))


def _channel(name, members, window, nodes=1):
    across = f" on {nodes} nodes" if nodes > 1 else ""
    return Row(
        name, f"channel of {members:,}{across}, window {window}",
        ("--rows", "channel", "--clients", str(members), "--window", str(window)),
        (DELIVERIES_PER_CPU, DELIVERIES), nodes=nodes)


ROWS = {
    row.name: row
    for row in (
        _channel("channel-8", 1_000, 8),
        _channel("channel-64", 1_000, 64),
        _rooms(10),
        _rooms(50),
        _rooms(200),
        Row("private", "50 private pairs", ("--rows", "private", "--clients", "100"),
            (ROUND_TRIPS, P99, ROUND_TRIPS_PER_CPU), acknowledging=(USUAL, AT_ONCE)),
        Row("open-loop", "open loop, 1,000 messages/s", ("--rows", "open-loop"), (P50, P99, CPU_EACH),
            acknowledging=(USUAL, AT_ONCE)),
        Row("open-loop-across", "open loop across 2 nodes", ("--rows", "open-loop-across"), (P50, P99, CPU_EACH),
            nodes=2, acknowledging=(USUAL, AT_ONCE)),
        Row("registrations", "registrations of 10,000", ("--rows", "registrations", "--clients", "10000"),
            (REGISTRATIONS, CPU_EACH)),
        Row("memory", "idle clients, 10,000", ("--rows", "memory", "--clients", "10000"), (BYTES_EACH,)),
        Row("private-across", "50 private pairs across 2 nodes", ("--rows", "private-across", "--clients", "100"),
            (ROUND_TRIPS, P99, ROUND_TRIPS_PER_CPU), nodes=2, acknowledging=(USUAL, AT_ONCE)),
        _channel("channel-across", 500, 64, nodes=2),
    )
}


@dataclass(frozen=True)
class Goal:
    """Roost's figure, with receivers as usual, is to be at least or at most `factor` times a reference's.

    The reference, `name` in the table, is the best of these servers with these kinds of receivers on the row `beside`,
    the same row unless given. Without servers, the factor is the goal itself.
    """

    row: str
    figure: Figure
    factor: float
    servers: tuple = ()
    acknowledging: tuple = (USUAL,)
    beside: str = ""
    name: str = ""

    @property
    def text(self):
        sign = "≥" if self.figure.higher_is_better else "≤"
        if not self.servers:
            return f"{sign} {self.factor:,.0f}"
        return f"{sign} {self.factor:g} × {self.name}"


def _beside_inspircd(row, figure, factor):
    return Goal(row, figure, factor, ("inspircd",), (USUAL, AT_ONCE), name="InspIRCd")


GOALS = (
    _beside_inspircd("channel-8", DELIVERIES_PER_CPU, 1.5),
    _beside_inspircd("channel-64", DELIVERIES_PER_CPU, 1.5),
    _beside_inspircd("rooms-10", DELIVERIES_PER_CPU, 1.2),
    _beside_inspircd("rooms-50", DELIVERIES_PER_CPU, 1.2),
    _beside_inspircd("rooms-200", DELIVERIES_PER_CPU, 1.2),
    Goal("rooms-200", DELIVERIES_PER_CPU, 0.87, ("roost",), beside="rooms-50", name="Roost at 50 rooms"),
    _beside_inspircd("private", ROUND_TRIPS, 1.0),
    _beside_inspircd("private", P99, 0.8),
    Goal("open-loop", P99, 1.25, ("floor-each",), name="the one-send floor"),
    Goal("open-loop-across", P99, 2.5, ("floor-each",), beside="open-loop", name="the one-send floor on one node"),
    Goal("registrations", REGISTRATIONS, 0.5, ("floor-each", "floor-gathered"), name="the faster floor"),
    _beside_inspircd("registrations", CPU_EACH, 1.2),
    Goal("memory", BYTES_EACH, 4_000),
    _beside_inspircd("private-across", ROUND_TRIPS, 1.3),
    _beside_inspircd("channel-across", DELIVERIES_PER_CPU, 1.3),
)
