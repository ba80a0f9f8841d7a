// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The end of a log, for telling why a process that has ended did so.

import Foundation

enum LogTail {
    /// The last line that is not empty, of at most the last 4 KiB; nil when there is none.
    static func lastLine(of file: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
        defer { try? handle.close() }  // Only read from: nothing can be lost.
        guard let size = try? handle.seekToEnd(), (try? handle.seek(toOffset: size - min(size, 4_096))) != nil,
            let data = try? handle.readToEnd()
        else { return nil }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
    }
}
