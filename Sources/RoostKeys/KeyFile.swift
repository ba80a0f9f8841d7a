// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Files that hold one secret or key: read with whatever white space surrounds it, written once, for their owner alone.

import Foundation
import Glibc

/// A file with a key in it.
public enum KeyFile {
    /// What went wrong with one, in one line.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// What failed, on which file, and what to try.
        public let description: String
    }

    /// What stands in a file, without white space around it; nil if it cannot be read as text.
    public static func text(in path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8)
        else { return nil }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Makes a file that only its owner may read, and never writes over one that is there.
    public static func create(_ path: String, holding text: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let advice = errno == EEXIST ? "move it away, or choose another name" : "choose another place"
            throw Failure(description: "\(path): \(String(cString: strerror(errno))); \(advice)")
        }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data((text + "\n").utf8))
            try file.synchronize()
        } catch {
            // Half a key is worse than none.
            unlink(path)
            throw Failure(
                description: "\(path): cannot be written (\(error.localizedDescription)); choose another place")
        }
    }

    /// Whether others than the owner and the group may read it.
    public static func isReadableByAll(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IROTH != 0
    }
}
