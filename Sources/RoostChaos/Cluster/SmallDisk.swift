// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A disk of one mebibyte in memory for a node's data and log, so that it can be filled without harm to anybody else.

import Foundation
import Glibc

/// A file system of its own for one node, until `remove`.
final class SmallDisk {
    private static let bytes = 1 << 20

    private let folder: String

    /// Mounts it where `roost cluster` keeps a node's data, and has the node's log lie on it too.
    ///
    /// - Throws: `skipped` where this user may not mount.
    init(node: Int, in directory: String) throws(ChaosFailure) {
        let name = "node\(node + 1)"
        folder = "\(directory)/\(name)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            guard mount("tmpfs", folder, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "size=\(Self.bytes)") == 0
            else {
                let reason = String(cString: strerror(errno))
                throw ChaosFailure(.skipped, "a small file system cannot be mounted (\(reason)): run as root")
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/\(name).log", withDestinationPath: "\(name)/log")
        } catch let error as ChaosFailure {
            throw error
        } catch {
            throw ChaosFailure(.broken, "\(folder): \(error.localizedDescription)")
        }
    }

    /// Takes it away, once the node has ended. What the log says stays.
    func remove() {
        let log = folder + ".log"
        let text = FileManager.default.contents(atPath: folder + "/log")
        umount2(folder, Int32(MNT_DETACH))
        unlink(log)
        _ = FileManager.default.createFile(atPath: log, contents: text)
    }

    /// Leaves no byte free.
    func fill() {
        let descriptor = open(folder + "/filler", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for size in [4_096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(descriptor, bytes, size) == size {}
        }
    }

    /// Gives the space back.
    func free() { unlink(folder + "/filler") }
}
