// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The commands that roost-bench gives, and their replies (https://modern.ircdocs.horse). Any other is answered by 421,
// which makes the row fail and say so.

#include "floor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A part of a line.
struct span {
    const char *bytes;
    size_t length;
};

/// Takes the next word off the line.
static struct span next_word(struct span *rest) {
    while (rest->length > 0 && *rest->bytes == ' ') rest->bytes++, rest->length--;
    struct span word = {.bytes = rest->bytes};
    while (word.length < rest->length && word.bytes[word.length] != ' ') word.length++;
    rest->bytes += word.length;
    rest->length -= word.length;
    return word;
}

static bool is(struct span word, const char *text) {
    return strlen(text) == word.length && memcmp(word.bytes, text, word.length) == 0;
}

/// Copies at most `capacity - 1` bytes and ends them.
static void copy(char *to, size_t capacity, struct span from) {
    size_t length = from.length < capacity ? from.length : capacity - 1;
    memcpy(to, from.bytes, length);
    to[length] = 0;
}

__attribute__((format(printf, 2, 3))) static void reply(struct client *to, const char *format, ...) {
    char line[line_max];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 2, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if (length > line_max - 3) length = line_max - 3;
    memcpy(line + length, "\r\n", 2);
    deliver(to, line, (size_t)length + 2);
}

static void nick(struct client *client, struct span name) {
    if (client->nick[0]) name_remove(nick_names, client->nick);
    copy(client->nick, sizeof client->nick, name);
    name_add(nick_names, client->nick, client);
}

/// Welcomes the client: USER comes after NICK.
static void user(struct client *client, struct span name) {
    char user[nick_max];
    copy(user, sizeof user, name);
    int length = snprintf(client->source, sizeof client->source, ":%s!%s@127.0.0.1 ", client->nick, user);
    client->source_length = length > 0 ? (size_t)length : 0;
    reply(client, ":floor 001 %s :Welcome %s", client->nick, client->nick);
    reply(client, ":floor 002 %s :Your host is floor", client->nick);
    reply(client, ":floor 003 %s :This server was created to be measured", client->nick);
    reply(client, ":floor 004 %s floor 0 o o", client->nick);
    reply(client, ":floor 422 %s :There is no MOTD", client->nick);
}

/// 353 as often as it takes, and 366.
static void names(struct client *client, const char *name, const struct channel *channel) {
    char list[line_max];
    size_t length = 0;
    for (size_t index = 0; channel && index < channel->member_count; index++) {
        length += (size_t)sprintf(list + length, "%s ", channel->members[index]->nick);
        bool is_last = index + 1 == channel->member_count;
        if (is_last || length > line_max - 2 * nick_max - 64 - strlen(name)) {
            list[length - 1] = 0;
            reply(client, ":floor 353 %s = %s :%s", client->nick, name, list);
            length = 0;
        }
    }
    reply(client, ":floor 366 %s %s :End of NAMES", client->nick, name);
}

static void join(struct client *client, struct span name) {
    struct channel *channel = name_find(channel_names, name.bytes, name.length);
    if (!channel) {
        channel = grown(NULL, sizeof *channel);
        *channel = (struct channel){.member_count = 0};
        copy(channel->name, 64, name);
        name_add(channel_names, channel->name, channel);
    }
    // Room doubles at each power of two.
    if ((channel->member_count & (channel->member_count - 1)) == 0) {
        size_t room = channel->member_count ? 2 * channel->member_count : 1;
        channel->members = grown(channel->members, room * sizeof(struct client *));
    }
    channel->members[channel->member_count++] = client;
    client->channels = grown(client->channels, (client->channel_count + 1) * sizeof(struct channel *));
    client->channels[client->channel_count++] = channel;
    reply(client, "%sJOIN %s", client->source, channel->name);
    names(client, channel->name, channel);
}

/// Passes the line on as it came, with its source before it.
static void privmsg(struct client *client, struct span target, struct span line) {
    char message[2 * line_max];
    size_t length = client->source_length;
    memcpy(message, client->source, length);
    memcpy(message + length, line.bytes, line.length);
    length += line.length;
    memcpy(message + length, "\r\n", 2);
    length += 2;
    if (target.length > 0 && *target.bytes == '#') {
        struct channel *channel = name_find(channel_names, target.bytes, target.length);
        for (size_t index = 0; channel && index < channel->member_count; index++) {
            if (channel->members[index] != client) deliver(channel->members[index], message, length);
        }
    } else {
        struct client *to = name_find(nick_names, target.bytes, target.length);
        if (to) deliver(to, message, length);
    }
}

void carry_out(struct client *client, const char *bytes, size_t length) {
    struct span line = {.bytes = bytes, .length = length};
    struct span rest = line;
    struct span verb = next_word(&rest);
    struct span first = next_word(&rest);
    char text[line_max];
    copy(text, sizeof text, first);
    if (is(verb, "PRIVMSG")) {
        privmsg(client, first, line);
    } else if (is(verb, "PING")) {
        reply(client, ":floor PONG floor %s", text);
    } else if (is(verb, "JOIN")) {
        join(client, first);
    } else if (is(verb, "NAMES")) {
        names(client, text, name_find(channel_names, first.bytes, first.length));
    } else if (is(verb, "ISON")) {
        reply(client, ":floor 303 %s :%s", client->nick, name_find(nick_names, first.bytes, first.length) ? text : "");
    } else if (is(verb, "NICK")) {
        nick(client, first);
    } else if (is(verb, "USER")) {
        user(client, first);
    } else if (!is(verb, "PONG")) {
        reply(client, ":floor 421 %s %.*s :The floor does not know that", client->nick, (int)verb.length, verb.bytes);
    }
}

static void leave(struct client *client, struct channel *channel) {
    size_t index = 0;
    while (channel->members[index] != client) index++;
    channel->members[index] = channel->members[--channel->member_count];
    if (channel->member_count > 0) return;
    name_remove(channel_names, channel->name);
    free(channel->members);
    free(channel);
}

void forget(struct client *client) {
    for (size_t index = 0; index < client->channel_count; index++) leave(client, client->channels[index]);
    if (client->nick[0]) name_remove(nick_names, client->nick);
}
