// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// libzmq for Swift, and the few things that Swift cannot import by itself: macros that are not plain constants, and
// eventfd, which the Glibc module leaves out. Everything with a meaning of its own is in the Swift target ZeroMQ.

#ifndef ROOST_CZEROMQ_SHIM_H
#define ROOST_CZEROMQ_SHIM_H

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#if ZMQ_VERSION < ZMQ_MAKE_VERSION(4, 3, 0)
#error "Roost needs libzmq 4.3 or later (Debian: libzmq3-dev)"
#endif

/// The version of the header compiled against, as 10000 * major + 100 * minor + patch.
static inline int roost_zmq_header_version(void) {
    return ZMQ_VERSION;
}

/// A non-blocking event counter, closed on exec; -1 with errno when the process is out of descriptors.
static inline int roost_eventfd_create(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/// Adds one to the counter; 0, or the errno value. EAGAIN means that the counter is full, so it is readable anyway.
static inline int roost_eventfd_signal(int descriptor) {
    const uint64_t one = 1;
    ssize_t written;
    do {
        written = write(descriptor, &one, sizeof one);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? errno : 0;
}

/// Takes the counter back to zero and returns what it was; 0 when nothing had been signalled.
static inline uint64_t roost_eventfd_drain(int descriptor) {
    uint64_t count = 0;
    ssize_t got;
    do {
        got = read(descriptor, &count, sizeof count);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof count ? count : 0;
}

static inline void roost_descriptor_close(int descriptor) {
    close(descriptor);
}

#endif
