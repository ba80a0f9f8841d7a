// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Declares what Swift's Glibc module leaves out of Linux: epoll, which the load generator waits with, and what malloc
// tells of itself.

#pragma once

#include <malloc.h>
#include <sys/epoll.h>
