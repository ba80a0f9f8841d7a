// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The command line, the listener, and the loop: waits for sockets, reads each that is ready, carries out its lines, and
// at the end of the turn writes what was gathered.

#include "floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { usage_error = 64, events_max = 512, backlog = 65535 };

static int poller;
/// Clients by descriptor.
static struct client **clients;
static size_t client_capacity;

static _Noreturn void fail(const char *attempted) {
    fprintf(stderr, "roost-floor: %s: %s\n", attempted, strerror(errno));
    exit(1);
}

void *grown(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (!memory) fail("taking memory");
    return memory;
}

struct client *client_at(int descriptor) {
    return (size_t)descriptor < client_capacity ? clients[descriptor] : NULL;
}

static void watch(int descriptor, int operation, unsigned what) {
    struct epoll_event event = {.events = what, .data.fd = descriptor};
    if (epoll_ctl(poller, operation, descriptor, &event) < 0) fail("watching a socket");
}

void await_room(struct client *client, bool is_on) {
    if (client->awaits_room == is_on) return;
    client->awaits_room = is_on;
    watch(client->descriptor, EPOLL_CTL_MOD, is_on ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void set(int descriptor, int level, int option) {
    int on = 1;
    if (setsockopt(descriptor, level, option, &on, sizeof on) < 0) fail("setting up a socket");
}

static int listening(unsigned short port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("making a socket");
    set(descriptor, SOL_SOCKET, SO_REUSEADDR);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("binding to 127.0.0.1");
    if (listen(descriptor, backlog) < 0) fail("listening");
    return descriptor;
}

static void accept_all(int listener) {
    while (true) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (errno == EAGAIN) return;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            fail("accepting a connection");
        }
        set(descriptor, IPPROTO_TCP, TCP_NODELAY);
        if ((size_t)descriptor >= client_capacity) {
            size_t capacity = 2 * (size_t)descriptor + 64;
            clients = grown(clients, capacity * sizeof *clients);
            memset(clients + client_capacity, 0, (capacity - client_capacity) * sizeof *clients);
            client_capacity = capacity;
        }
        struct client *client = grown(NULL, sizeof *client);
        *client = (struct client){.descriptor = descriptor};
        clients[descriptor] = client;
        watch(descriptor, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void close_client(struct client *client) {
    forget(client);
    clients[client->descriptor] = NULL;
    close(client->descriptor);
    free(client->channels);
    free(client->unsent);
    free(client);
}

/// Carries out the whole lines of what came, and keeps the rest. A line too long for `partial` ends the connection.
static void read_client(struct client *client) {
    static char buffer[64 * 1024];
    size_t kept = client->partial_length;
    memcpy(buffer, client->partial, kept);
    ssize_t count = recv(client->descriptor, buffer + kept, sizeof buffer - kept, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close_client(client);
    char *start = buffer, *end = buffer + kept + count, *stop;
    while ((stop = memchr(start, '\n', (size_t)(end - start)))) {
        size_t length = (size_t)(stop - start);
        if (length > 0 && stop[-1] == '\r') length--;
        if (length > line_max) return close_client(client);
        carry_out(client, start, length);
        start = stop + 1;
    }
    client->partial_length = (size_t)(end - start);
    if (client->partial_length > sizeof client->partial) return close_client(client);
    memcpy(client->partial, start, client->partial_length);
}

static void serve(int listener) {
    struct epoll_event events[events_max];
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    while (true) {
        int count = epoll_wait(poller, events, events_max, -1);
        if (count < 0 && errno != EINTR) fail("waiting for sockets");
        for (int index = 0; index < count; index++) {
            if (events[index].data.fd == listener) {
                accept_all(listener);
                continue;
            }
            struct client *client = client_at(events[index].data.fd);
            if (events[index].events & EPOLLOUT) write_unsent(client);
            if (events[index].events & ~(unsigned)EPOLLOUT) read_client(client);
        }
        write_gathered_lines();
    }
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("reading the limit of descriptors");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("raising the limit of descriptors");
}

static _Noreturn void usage(void) {
    fputs("usage: roost-floor --port PORT --write each|gathered\n", stderr);
    exit(usage_error);
}

int main(int count, char **arguments) {
    long port = 0;
    bool has_writing = false;
    for (int index = 1; index + 1 < count; index += 2) {
        const char *name = arguments[index], *value = arguments[index + 1];
        if (strcmp(name, "--port") == 0) {
            port = strtol(value, NULL, 10);
        } else if (strcmp(name, "--write") == 0) {
            has_writing = strcmp(value, "each") == 0 || strcmp(value, "gathered") == 0;
            writing = strcmp(value, "each") == 0 ? write_each : write_gathered;
        } else {
            usage();
        }
    }
    if (count != 5 || port < 1 || port > 65535 || !has_writing) usage();
    raise_descriptor_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) fail("creating an epoll");
    serve(listening((unsigned short)port));
}
