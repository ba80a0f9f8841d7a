// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Ends a node whose parent is gone. The parent holds the other end of our standard input and never writes to it; when
// it ends, even by SIGKILL, the system closes that end, and a read here returns.

import Foundation
import Glibc

enum ParentWatch {
    /// After a polite request to ourselves, so long is waited for the node to leave.
    private static let limit: UInt32 = 5

    static func start() {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || count < 0 && errno != EINTR { break }
            }
            kill(getpid(), SIGTERM)
            sleep(limit)
            _exit(EXIT_FAILURE)
        }
        thread.name = "parent-watch"
        thread.start()
    }
}
