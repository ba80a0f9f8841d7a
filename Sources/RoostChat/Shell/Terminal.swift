// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The terminal itself: raw mode and back, its size, and writing to it. What is written is the `Painter`'s affair.

import Glibc

/// A terminal on two descriptors. It belongs to whoever put it into raw mode, who also brings it back.
struct Terminal {
    let input: Int32
    let output: Int32
    private let original: termios

    /// Puts the terminal into raw mode and onto its second screen.
    init(input: Int32, output: Int32) throws(ChatFailure) {
        self.input = input
        self.output = output
        var settings = termios()
        guard tcgetattr(input, &settings) == 0 else { throw Self.failure("cannot read the terminal's settings") }
        original = settings
        try enter()
    }

    /// Takes the terminal over, also again after `leave()`.
    func enter() throws(ChatFailure) {
        var raw = original
        cfmakeraw(&raw)
        guard tcsetattr(input, TCSAFLUSH, &raw) == 0 else {
            throw Self.failure("cannot change the terminal's settings")
        }
        try Output.write(Painter.enter, to: output)
    }

    /// Gives the terminal back as it was. A terminal that is gone needs no more.
    func leave() {
        // Settings first: they matter even if the screen cannot be written to any more.
        var settings = original
        tcsetattr(input, TCSAFLUSH, &settings)
        do {
            try Output.write(Painter.leave, to: output)
        } catch {
            return
        }
    }

    /// The size now; 24 rows of 80 columns if the terminal does not say.
    var size: ScreenSize {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return ScreenSize(rows: 24, columns: 80)
        }
        return ScreenSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }

    private static func failure(_ what: String) -> ChatFailure {
        ChatFailure(
            .terminal, "\(what): \(SystemError.text())", hint: "use it through a pipe, or in another terminal")
    }
}

/// Writing to a descriptor that may take only a part at a time.
enum Output {
    static func write(_ text: String, to descriptor: Int32) throws(ChatFailure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                throw ChatFailure(
                    .terminal, "cannot write the output: \(SystemError.text())",
                    hint: "check what standard output is connected to")
            }
        }
    }
}

/// The system's words for its errors.
enum SystemError {
    static func text(_ code: Int32 = errno) -> String {
        String(cString: strerror(code))
    }
}
