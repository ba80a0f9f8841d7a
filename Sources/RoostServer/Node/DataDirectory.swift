// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where a node keeps what must outlive it: for now the number of its life, which must rise with each (DESIGN §6).

import Foundation
import Glibc
import RoostModel

/// A node's data directory, locked against a second process for as long as this is held.
final class DataDirectory: Sendable {
    private let path: String
    private let lock: Int32

    /// Makes the directory where there is none, and takes its lock.
    init(_ path: String) throws(NodeFailure) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw NodeFailure(
                .dataDirectory,
                "cannot make the data directory \(path): \(error.localizedDescription); set node.data-directory")
        }
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw NodeFailure(
                .dataDirectory, "cannot write in \(path): \(Self.reason(errno)); set node.data-directory")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw NodeFailure(
                .alreadyRunning,
                "another node uses the data directory \(path); end it, or give this one its own node.data-directory")
        }
    }

    deinit { close(lock) }

    /// Begins a new life: above every one before, and not before the time of day, so that a lost directory does no harm.
    func beginEpoch(at wall: WallTime) throws(NodeFailure) -> Epoch {
        let file = "\(path)/epoch"
        let stored = try storedEpoch(in: file)
        let epoch = max(stored.map { $0 + 1 } ?? 0, wall.milliseconds)
        do {
            try Data("\(epoch)\n".utf8).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw NodeFailure(.dataDirectory, "cannot write \(file): \(error.localizedDescription)")
        }
        return Epoch(epoch)
    }

    private func storedEpoch(in file: String) throws(NodeFailure) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let digits = text.split(whereSeparator: \.isWhitespace).first, let epoch = UInt64(digits),
            epoch < UInt64.max
        else {
            throw NodeFailure(
                .dataDirectory, "\(file) does not hold a number; remove it if the clock of this machine is right")
        }
        return epoch
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
