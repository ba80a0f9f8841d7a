// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Frames to terminal output: only the rows that changed are written again, in one piece, so nothing flickers and a slow
// line stays usable. The sequences are those of ECMA-48 and xterm that every terminal of today knows.

/// Remembers what the terminal shows.
struct Painter: Sendable {
    /// Whether nicks have colours (no, if the environment has `NO_COLOR`).
    let colours: Bool
    private var shown: [String] = []
    private var shownSize: ScreenSize?

    init(colours: Bool) {
        self.colours = colours
    }

    /// What to write once before the first frame: alternate screen, no automatic line wrap, bracketed paste.
    static let enter = "\u{1B}[?1049h\u{1B}[?7l\u{1B}[?2004h\u{1B}[H\u{1B}[2J"
    /// What to write once after the last frame: all of that undone, the cursor visible, styles off.
    static let leave = "\u{1B}[?2004l\u{1B}[?7h\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"

    /// Forgets what is shown, so that the next frame is painted whole.
    mutating func forget() {
        shown = []
        shownSize = nil
    }

    /// The output that makes the terminal show `frame`.
    mutating func paint(_ frame: Frame) -> String {
        var changes = ""
        if shownSize != frame.size {
            changes += "\u{1B}[2J"
            shown = []
            shownSize = frame.size
        }
        let rows = frame.rows.map { $0.output(colours: colours) }
        for (index, row) in rows.enumerated() where index >= shown.count || shown[index] != row {
            // Cleared from its start: clearing from its end would, in some terminals, eat a full row's last column.
            changes += "\u{1B}[\(index + 1);1H\u{1B}[2K" + row
        }
        shown = rows
        let cursor = "\u{1B}[\(rows.count);\(frame.cursorColumn + 1)H"
        return changes.isEmpty ? cursor : "\u{1B}[?25l" + changes + cursor + "\u{1B}[?25h"
    }
}
