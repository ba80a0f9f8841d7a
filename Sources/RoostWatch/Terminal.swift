// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The terminal that the live table is drawn on: borrowed at the start, given back as it was at the end.

import Glibc
import Synchronization

/// The signal that asked the program to end, or 0. A handler may do little more than store a number.
private let endingSignal = Atomic<Int32>(0)

/// A full screen and its keys. Ending its life restores both; so does a signal, if the owner looks at
/// ``signalled`` now and then.
struct Terminal: ~Copyable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    /// Alternate screen, no cursor, no wrapping at the edge (xterm control sequences, "DEC private modes").
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leave = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
    /// A terminal that knows synchronised updates shows all between these at once; others ignore them.
    private static let beginUpdate = "\u{1B}[?2026h"
    private static let endUpdate = "\u{1B}[?2026l"

    private let input: Int32
    private let output: Output
    /// As they were; nil if the input is no terminal, so there are no keys.
    private let saved: termios?
    /// What signals did before.
    private let handlers: [(number: Int32, handler: __sighandler_t?)]

    /// Takes the terminal over. Keys are read from the descriptor `input`.
    init(input: Int32, output: Output) {
        self.input = input
        self.output = output
        var settings = termios()
        if tcgetattr(input, &settings) == 0 {
            saved = settings
            // Keys come at once, unechoed, and Ctrl-C is a key like any other.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
            tcsetattr(input, TCSADRAIN, &settings)
        } else {
            saved = nil
        }
        endingSignal.store(0, ordering: .relaxed)
        handlers = Self.signals.map { number in
            (number, signal(number) { endingSignal.store($0, ordering: .relaxed) })
        }
        output.write(Self.enter)
    }

    deinit {
        output.write(Self.leave)
        if var saved { tcsetattr(input, TCSADRAIN, &saved) }
        for (number, handler) in handlers { signal(number, handler) }
    }

    /// The signal that asks us to end, if one came.
    var signalled: Int32? {
        let number = endingSignal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// The keys pressed since the call before, as bytes. Does not wait.
    func keys() -> [UInt8] {
        guard saved != nil else { return [] }
        var source = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&source, 1, 0) == 1 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(input, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Shows `lines`, none wider than `columns`, from the top and clears what is left of the screen. Returns false when
    /// nobody looks any more.
    func paint(_ lines: [StyledLine], columns: Int, colour: Bool) -> Bool {
        var text = Self.beginUpdate + "\u{1B}[H"
        for (index, line) in lines.enumerated() {
            text += (index == 0 ? "" : "\r\n") + line.rendered(colour: colour)
            // After a full line the cursor stands on its last character, which clearing would take away.
            if line.width < columns { text += "\u{1B}[K" }
        }
        let below = lines.last.map { $0.width < columns } ?? true
        return output.write(text + (below ? "\u{1B}[J" : "") + Self.endUpdate)
    }

    /// The size of the terminal on `descriptor` now; the standard size if it does not say.
    static func size(of descriptor: Int32) -> ScreenSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return .standard
        }
        return ScreenSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
