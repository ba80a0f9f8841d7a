# Part of Roost, a chat network of equal nodes.
# Licensed under the Apache License 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Draws what bench-growth has measured: a picture for each axis."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

OPERATIONS = ["channel-message", "private-message", "join", "part", "nick-change", "registration", "quit"]
WIDTH, HEIGHT = 6.4, 4.4


def draw(rows, folder):
    """Writes the pictures whose axes were measured, and gives their paths."""
    written = []
    for name, make in (("users", users), ("users-of-two", users_of_two), ("channels", channels), ("members", members),
                       ("nodes", nodes)):
        points = [row for row in rows if row["axis"] == name]
        if not points:
            continue
        figure = make(points)
        path = folder / f"growth-{name}.png"
        figure.tight_layout()
        # No date in it: the same figures give the same bytes.
        figure.savefig(path, dpi=110, metadata={"Software": None})
        plt.close(figure)
        written.append(path)
    return written


def users(rows):
    figure, axes = plt.subplots(figsize=(WIDTH, HEIGHT))
    operations(axes, rows, "users", "one node, rooms of 10: an operation")
    axes.set_xlabel("users")
    return figure


def users_of_two(rows):
    figure, (left, right) = plt.subplots(1, 2, figsize=(2 * WIDTH, HEIGHT))
    operations(left, rows, "users", "two nodes, rooms of 10: an operation, both nodes together")
    left.set_xlabel("users of the cluster")
    second(right, rows, "users", "two nodes: a second of signs of life while the roster changes, each node")
    right.set_xscale("log")
    right.set_ylim(bottom=0)
    right.set_xlabel("users of the cluster")
    return figure


def channels(rows):
    figure, (left, right) = plt.subplots(1, 2, figsize=(2 * WIDTH, HEIGHT))
    operations(left, rows, "rooms", "one node, 10,000 users, rooms of 10: an operation")
    left.set_xlabel("channels")
    # Who is in more channels is seen by more people.
    told = [row for row in rows if row["operation"] == "nick-change"]
    line(right, told, "rooms", lambda row, figure: figure / float(row["told_to"]), "nick-change")
    right.set_title("a nick change, for each of those whom it is told to", fontsize=10)
    right.set_ylabel("ns of processor time")
    right.set_xscale("log")
    right.set_ylim(bottom=0)
    right.set_xlabel("channels")
    right.grid(True, which="major", alpha=0.3)
    return figure


def members(rows):
    figure, (left, right) = plt.subplots(1, 2, figsize=(2 * WIDTH, HEIGHT))
    operations(left, rows, "room_size", "one channel on one node: an operation")
    left.set_xlabel("members")
    for operation in ("channel-message", "join", "part", "nick-change"):
        told = [row for row in rows if row["operation"] == operation]
        line(right, told, "room_size", lambda row, figure: figure / float(row["told_to"]), operation)
    right.set_title("the same, for each member whom it is told to", fontsize=10)
    right.set_ylabel("ns of processor time")
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlabel("members")
    right.grid(True, which="major", alpha=0.3)
    right.legend(fontsize=8)
    return figure


def nodes(rows):
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(3 * WIDTH, HEIGHT))
    operations(left, rows, "nodes", "10,000 users, rooms of 10: an operation, all nodes together", logarithmic=False)
    operations(middle, rows, "nodes", "the same, each node", logarithmic=False, share=True)
    second(right, rows, "nodes", "a second of signs of life while the roster changes, each node")
    right.set_ylim(bottom=0)
    for axes in (left, middle, right):
        axes.set_xlabel("nodes")
    return figure


def operations(axes, rows, x, title, logarithmic=True, share=False):
    """A line for each operation, with the span of its samples behind it."""
    for operation in OPERATIONS:
        points = [row for row in rows if row["operation"] == operation]
        line(axes, points, x, lambda row, figure: figure / 1_000 / (int(row["nodes"]) if share else 1), operation)
    axes.set_title(title, fontsize=10)
    axes.set_ylabel("µs of processor time")
    if logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
        # From one microsecond on, so that what is flat looks flat.
        axes.set_ylim(bottom=1)
    else:
        axes.set_ylim(bottom=0)
    axes.grid(True, which="major", alpha=0.3)
    axes.legend(fontsize=8)


def second(axes, rows, x, title):
    points = [row for row in rows if row["operation"] == "second"]
    line(axes, points, x, lambda row, figure: figure / 1_000_000 / int(row["nodes"]), "second")
    axes.set_title(title, fontsize=10)
    axes.set_ylabel("ms of processor time")
    axes.grid(True, which="major", alpha=0.3)


def line(axes, rows, x, figure, label):
    at = [int(row[x]) for row in rows]
    middle, least, greatest = ([figure(row, float(row[column])) for row in rows]
                               for column in ("median_ns", "least_ns", "greatest_ns"))
    drawn = axes.plot(at, middle, marker="o", markersize=3, label=label)
    axes.fill_between(at, least, greatest, alpha=0.15, color=drawn[0].get_color())
