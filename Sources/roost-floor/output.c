// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The two ways of writing. What a socket does not take is kept and written as it gets room.

#include "floor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

enum writing writing = write_each;

/// Descriptors of the clients that lines were gathered for in this turn.
static int *dirty;
static size_t dirty_count, dirty_capacity;

static void keep(struct client *client, const char *bytes, size_t length) {
    if (client->unsent_length + length > client->unsent_capacity) {
        size_t capacity = client->unsent_capacity ? client->unsent_capacity : 512;
        while (capacity < client->unsent_length + length) capacity *= 2;
        client->unsent = grown(client->unsent, capacity);
        client->unsent_capacity = capacity;
    }
    memcpy(client->unsent + client->unsent_length, bytes, length);
    client->unsent_length += length;
}

/// The number of bytes that the socket took. A connection that is broken takes all: its reader will see its end.
static size_t transmit(struct client *client, const char *bytes, size_t length) {
    ssize_t sent = send(client->descriptor, bytes, length, MSG_NOSIGNAL);
    if (sent >= 0) return (size_t)sent;
    return errno == EAGAIN || errno == EINTR ? 0 : length;
}

static void mark_dirty(struct client *client) {
    if (dirty_count == dirty_capacity) {
        dirty_capacity = dirty_capacity ? 2 * dirty_capacity : 1024;
        dirty = grown(dirty, dirty_capacity * sizeof *dirty);
    }
    dirty[dirty_count++] = client->descriptor;
    client->is_dirty = true;
}

void deliver(struct client *to, const char *line, size_t length) {
    if (writing == write_each && !to->awaits_room) {
        size_t sent = transmit(to, line, length);
        if (sent == length) return;
        keep(to, line + sent, length - sent);
        await_room(to, true);
        return;
    }
    keep(to, line, length);
    if (!to->awaits_room && !to->is_dirty) mark_dirty(to);
}

void write_unsent(struct client *client) {
    size_t sent = transmit(client, client->unsent, client->unsent_length);
    client->unsent_length -= sent;
    memmove(client->unsent, client->unsent + sent, client->unsent_length);
    await_room(client, client->unsent_length > 0);
}

void write_gathered_lines(void) {
    for (size_t index = 0; index < dirty_count; index++) {
        struct client *client = client_at(dirty[index]);
        // A client may have gone since, and another have its descriptor.
        if (!client || !client->is_dirty) continue;
        client->is_dirty = false;
        write_unsent(client);
    }
    dirty_count = 0;
}
