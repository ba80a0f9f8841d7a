// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One supervisor a directory. The lock ends with the process that holds it, however that ends.

import Glibc

/// An advisory lock on `lock` in a directory. Held until `release` or the end of the process.
struct DirectoryLock: ~Copyable {
    private let descriptor: Int32

    /// Nil when another process holds it.
    init?(_ directory: String) throws(ClusterFailure) {
        let file = "\(directory)/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClusterFailure(.system, "\(file): \(String(cString: strerror(errno))); choose another --dir")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
