# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""From the samples of a campaign to two tables in Markdown: the figures of all servers, and Roost's goals.

A sample is what one call of roost-bench said: {"row", "server", "acknowledging", "round"} and either "report" or
"failure".
"""

import math
import statistics

from rows import AT_ONCE, GOALS, ROWS, USUAL

# The cell of what was not measured.
NOTHING = "–"


class Samples:
    """All samples of a campaign, looked up by what they are of."""

    def __init__(self, samples):
        self._samples = samples
        self.servers = {sample["server"] for sample in samples}

    def rows(self):
        return [row for row in ROWS.values() if any(sample["row"] == row.name for sample in self._samples)]

    def values(self, row, server, acknowledging, figure):
        """The figure of each round in which it was measured: {round: value}."""
        values = {}
        for sample in self._of(row, server, acknowledging):
            value = figure.read(sample["report"]) if "report" in sample else None
            if value is not None:
                values[sample["round"]] = value
        return values

    def failures(self, row, server, acknowledging):
        return [sample["failure"] for sample in self._of(row, server, acknowledging) if "failure" in sample]

    def stolen(self):
        """For each measurement, the share of the machine that its host gave to others meanwhile."""
        return [sample["stolen"] for sample in self._samples if "stolen" in sample]

    def reference(self, goal):
        """The values of the best that the goal compares with, by their medians; {} if there is none."""
        figure = goal.figure
        series = [
            self.values(goal.beside or goal.row, server, acknowledging, figure)
            for server in goal.servers for acknowledging in goal.acknowledging]
        choose = max if figure.higher_is_better else min
        return choose(filter(None, series), key=lambda values: statistics.median(values.values()), default={})

    def _of(self, row, server, acknowledging):
        wanted = (row, server, acknowledging)
        return [s for s in self._samples if (s["row"], s["server"], s["acknowledging"]) == wanted]


def figures_table(samples, servers):
    """All figures: medians, with the least and the greatest."""
    shown = [server for server in servers if server.name in samples.servers]
    lines = [
        "| row | figure | " + " | ".join(server.title for server in shown) + " |",
        "|---|---|" + "---:|" * len(shown)]
    for row in samples.rows():
        for acknowledging in row.acknowledging:
            title = row.title + (", acknowledged at once" if acknowledging == AT_ONCE else "")
            for figure in row.figures:
                cells = [_cell(samples, row, server, acknowledging, figure) for server in shown]
                if any(cell != NOTHING for cell in cells):
                    lines.append(f"| {title} | {figure.unit} | " + " | ".join(cells) + " |")
    return lines


def _cell(samples, row, server, acknowledging, figure):
    values = samples.values(row.name, server.name, acknowledging, figure).values()
    failures = samples.failures(row.name, server.name, acknowledging)
    if not values:
        return f"fails: {failures[0]}" if failures else NOTHING
    text = figure.text(statistics.median(values))
    if len(values) > 1:
        text += f" ({figure.text(min(values))}–{figure.text(max(values))})"
    return text + (f", {len(failures)} failed" if failures else "")


def goals_table(samples):
    """Roost's goals: the ratio of the medians, and the least and the greatest ratio of one round."""
    lines = ["| row | figure | goal | Roost | beside | ratio | |", "|---|---|---|---:|---:|---:|---|"]
    for goal in GOALS:
        own = samples.values(goal.row, "roost", USUAL, goal.figure)
        failures = samples.failures(goal.row, "roost", USUAL)
        if not own and not failures:
            continue
        lines.append(
            f"| {ROWS[goal.row].title} | {goal.figure.unit} | {goal.text} | "
            + " | ".join(_verdict(samples, goal, own)) + " |")
    return lines


def _verdict(samples, goal, own):
    """Cells: Roost's median, the reference's, their ratio, and whether the goal is reached."""
    if not own:
        return "fails", "", "", "not reached: Roost fails"
    median = statistics.median(own.values())
    if goal.servers:
        reference = samples.reference(goal)
        if not reference:
            return goal.figure.text(median), NOTHING, "", "not judged: nothing to compare with"
        beside = statistics.median(reference.values())
        ratio = f"{median / beside:.2f}"
        ratios = [own[turn] / reference[turn] for turn in own if turn in reference]
        if len(ratios) > 1:
            ratio += f" ({min(ratios):.2f}–{max(ratios):.2f})"
        reach = attainment(median / beside, goal.factor, goal.figure.higher_is_better)
        cells = goal.figure.text(median), goal.figure.text(beside), ratio
    else:
        reach = attainment(median, goal.factor, goal.figure.higher_is_better)
        cells = goal.figure.text(median), "", ""
    return *cells, "reached" if reach >= 1 else f"not reached, {math.floor(100 * reach)} %"


def notes(samples):
    """What a reader of the tables must know, as far as it bears on them."""
    lines = [
        "Medians of all rounds (least–greatest). CPU is that of all nodes of a server together. A ratio is that of "
        "the medians (least–greatest of one round): Roost's with receivers as usual, InspIRCd's with those that suit "
        "it best."]
    if "ngircd" in samples.servers:
        lines.append(
            "ngIRCd's listen backlog is 10: its clients register 8 at a time, those of the others 512 at a time.")
    if "inspircd" in samples.servers:
        lines.append("InspIRCd ends registrations on a timer of one second.")
    stolen = samples.stolen()
    if max(stolen, default=0) >= 0.01:
        lines.append(
            f"The host of this virtual machine took {100 * statistics.mean(stolen):.1f} % of its time for others, "
            f"{100 * max(stolen):.0f} % during the worst measurement; that shows in p99 first.")
    return lines


def attainment(value, wanted, higher_is_better):
    """How much of a goal is there: 1 and more when it is reached."""
    return value / wanted if higher_is_better else wanted / value
