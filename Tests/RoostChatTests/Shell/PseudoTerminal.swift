// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A pseudo-terminal with a `TinyTerminal` at its far end: the client has the near end, as it would have a real one.

import Glibc
import Testing

@testable import RoostChat

/// Both ends of a pseudo-terminal.
final class PseudoTerminal {
    /// The client's end.
    let near: Int32
    private let far: Int32
    private(set) var screen: TinyTerminal

    init(rows: Int, columns: Int) throws {
        // What posix_openpt, unlockpt and ptsname do; Swift's Glibc has none of them, nor the numbers (see pts(4)).
        let setLock: UInt = 0x4004_5431
        let getNumber: UInt = 0x8004_5430
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        far = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(far >= 0 && ioctl(far, setLock, &isLocked) == 0 && ioctl(far, getNumber, &number) == 0)
        near = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(near >= 0)
        screen = TinyTerminal(rows: rows, columns: columns)
        resize(rows: rows, columns: columns)
    }

    deinit {
        close(near)
        close(far)
    }

    /// Changes the size. The signal that goes with it is the test's affair: this is nobody's controlling terminal.
    func resize(rows: Int, columns: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(far, UInt(TIOCSWINSZ), &size) == 0)
        if screen.rows != rows || screen.columns != columns { screen.resize(rows: rows, columns: columns) }
    }

    /// Types.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(write(far, bytes, bytes.count) == bytes.count)
    }

    /// Reads what the client paints until the screen is as it must be.
    func waitUntil(_ what: String, _ isAsItMustBe: (TinyTerminal) -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(patience)
        while !isAsItMustBe(screen) {
            var wanted = pollfd(fd: far, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < deadline, poll(&wanted, 1, Int32(patience * 1_000)) > 0 else {
                throw NotInTime(description: "not in time: \(what). The screen is:\n\(screen.text)")
            }
            var buffer = [UInt8](repeating: 0, count: 8_192)
            let count = read(far, &buffer, buffer.count)
            screen.write(buffer.prefix(max(count, 0)))
        }
    }

    /// Reads until the screen shows `text`.
    func waitFor(_ text: String) throws {
        try waitUntil("'\(text)' on the screen") { $0.text.contains(text) }
    }

    /// Whether the terminal is in raw mode: it neither echoes nor collects lines nor makes signals of keys.
    var isRaw: Bool {
        var settings = termios()
        #expect(tcgetattr(near, &settings) == 0)
        return settings.c_lflag & UInt32(ECHO | ICANON | ISIG) == 0
    }
}
