// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// crypt(3), the password hashes of the system: Swift's Glibc module leaves <crypt.h> out.
#include <crypt.h>
