// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The system's errors in words, for QUIT messages and for operators.

import Glibc

/// Error numbers of the system.
enum SystemError {
    /// "Connection reset by peer" and the like.
    static func text(_ number: CInt) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text)
    }
}
