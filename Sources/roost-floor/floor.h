// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// roost-floor: the least chat server that roost-bench can measure, as a measuring stick and for nothing else. One
// thread, one epoll, TCP_NODELAY. What it spends is what the system calls of a chat server cost on this machine, so a
// row of `make bench-peers` shows how far above that a real server is.
//
// It leaves out all that its one user, roost-bench, does not ask for: time-outs, limits, checks of nicks and rights,
// modes, topics, PART, QUIT, and telling the members of a channel of each other's coming and going. It believes its
// clients and bounds no queue. Never let anyone else connect to it.

#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { line_max = 512, nick_max = 32 };

/// How lines reach sockets.
enum writing {
    /// One send() for each line and recipient, at once.
    write_each,
    /// Lines gather in a buffer of the recipient, written once at the end of each turn of the loop.
    write_gathered,
};

struct channel;

/// One connection. `clients` holds it under its descriptor.
struct client {
    int descriptor;
    char nick[nick_max];
    /// `:nick!user@127.0.0.1 `, which precedes each of its messages; empty until it has given both names.
    char source[2 * nick_max + 16];
    size_t source_length;
    struct channel **channels;
    size_t channel_count;
    /// The line that has not ended yet.
    char partial[line_max];
    size_t partial_length;
    /// What was not written yet, in order.
    char *unsent;
    size_t unsent_length, unsent_capacity;
    /// Whether the loop waits for room in the socket.
    bool awaits_room;
    /// Whether the end of this turn writes what is unsent.
    bool is_dirty;
};

/// A channel, from its first member to its last.
struct channel {
    char name[line_max];
    struct client **members;
    size_t member_count;
};

// names.c: nicks and channels by name, as written: the floor folds no case.

enum kind { nick_names, channel_names, kind_count };

/// The client or channel of that name, or NULL.
void *name_find(enum kind kind, const char *name, size_t length);
/// `name` must live until it is removed.
void name_add(enum kind kind, const char *name, void *owner);
void name_remove(enum kind kind, const char *name);

// output.c: from lines to sockets.

extern enum writing writing;

/// Sends one whole line, its end included.
void deliver(struct client *to, const char *line, size_t length);
/// Writes what the socket takes of what is unsent.
void write_unsent(struct client *client);
/// Ends a turn of the loop: writes to every client that lines were gathered for.
void write_gathered_lines(void);

// commands.c: what a line means.

/// Carries out one line, its end excluded.
void carry_out(struct client *client, const char *line, size_t length);
/// Takes a client that is gone out of its channels and frees its nick.
void forget(struct client *client);

// main.c: the loop and its connections.

/// The client of a descriptor, NULL if there is none.
struct client *client_at(int descriptor);
/// Waits for room in the client's socket from now on, or no longer.
void await_room(struct client *client, bool is_on);
/// malloc or realloc that ends the program where there is no memory.
void *grown(void *memory, size_t size);
