// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A terminal for a program that wants one; what it paints is searched for words, not drawn.

import Glibc
import Testing

/// Our end of a pseudo-terminal.
@ProcessThread
final class Terminal {
    /// The other end, for the program.
    nonisolated let path: String
    private nonisolated let descriptor: CInt
    private var painted: [UInt8] = []

    init(rows: UInt16, columns: UInt16) throws {
        // What posix_openpt, unlockpt and ptsname do; Swift's Glibc has none of them, nor the numbers (see pts(4)).
        let setLock: UInt = 0x4004_5431
        let getNumber: UInt = 0x8004_5430
        var isLocked: CInt = 0
        var number: CUnsignedInt = 0
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0, ioctl(descriptor, setLock, &isLocked) == 0,
            ioctl(descriptor, getNumber, &number) == 0, ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0
        else {
            throw SystemFailure(what: "make a pseudo-terminal", number: errno)
        }
        path = "/dev/pts/\(number)"
    }

    deinit { close(descriptor) }

    /// Presses keys.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        // A program that reads no more shows it by its end.
        _ = write(descriptor, bytes, bytes.count)
    }

    /// Waits until a word was painted.
    func expect(_ word: String, at location: SourceLocation = #_sourceLocation) throws {
        do {
            try eventually("\(word) is shown", at: location) {
                read()
                return String(decoding: painted, as: UTF8.self).contains(word)
            }
        } catch {
            throw Failure("\(error)\n\(String(decoding: painted.suffix(4_000), as: UTF8.self))", at: location)
        }
    }

    /// Takes what was painted, so that the program is not held up.
    func read() {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&poller, 1, 0) > 0 {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            painted.append(contentsOf: buffer[..<count])
        }
    }
}
