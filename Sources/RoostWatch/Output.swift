// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where text goes, and what the environment says of it.

import Glibc

/// A place for text: a descriptor, or whatever a test wants.
struct Output {
    private let sink: (String) -> Bool

    /// `sink` returns false once nobody reads.
    init(_ sink: @escaping (String) -> Bool) { self.sink = sink }

    /// A descriptor, without buffering: each call is seen at once.
    init(descriptor: Int32) {
        self.init { text in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 {
                    bytes = bytes.dropFirst(count)
                } else if errno == EAGAIN {
                    // Somebody made the descriptor non-blocking: wait for room.
                    var target = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&target, 1, 1_000)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    /// Writes all of `text`. Returns false once nobody reads.
    @discardableResult
    func write(_ text: String) -> Bool { sink(text) }
}

/// What the environment says of the output.
struct Surroundings {
    /// Whether standard output is a terminal that can be drawn on.
    var isScreen: Bool
    /// Whether colours are wanted.
    var colour: Bool
    /// The size to draw tables in when there is no terminal to ask.
    var columns: Int

    /// - Parameters:
    ///   - isTerminal: whether standard output is a terminal.
    ///   - variable: the value of an environment variable. Read are `NO_COLOR` (https://no-color.org: "when present and
    ///     not an empty string … prevents the addition of ANSI color"), `TERM` (`dumb` cannot be drawn on), `COLUMNS`.
    init(isTerminal: Bool, variable: (String) -> String?) {
        isScreen = isTerminal && variable("TERM") ?? "dumb" != "dumb"
        colour = isScreen && (variable("NO_COLOR") ?? "").isEmpty
        columns = variable("COLUMNS").flatMap { Int($0) }.flatMap { (20...1_000).contains($0) ? $0 : nil } ?? 80
    }

    /// Those of this process.
    static func current() -> Surroundings {
        Surroundings(isTerminal: isatty(STDOUT_FILENO) == 1) { name in getenv(name).map { String(cString: $0) } }
    }
}
