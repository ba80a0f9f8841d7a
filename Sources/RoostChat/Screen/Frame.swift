// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The picture of the client at one moment: topic bar, talk, status bar, input line. Pure: a frame is computed from the
// windows, the editor and the size; `Painter` turns frames into terminal output.

/// A terminal's size in character cells.
struct ScreenSize: Equatable, Sendable {
    var rows: Int
    var columns: Int
}

/// What the status bar tells about the connection.
struct ConnectionSummary: Equatable, Sendable {
    var nick: String
    /// The node's address, or what is being done to reach one.
    var node: String
}

/// All rows of the screen, and the cursor's place (counted from 0).
struct Frame: Equatable, Sendable {
    private(set) var rows: [StyledRow] = []
    private(set) var cursorColumn = 0
    let size: ScreenSize

    init(windows: WindowList, editor: LineEditor, connection: ConnectionSummary, size: ScreenSize) {
        self.size = ScreenSize(rows: max(size.rows, 1), columns: max(size.columns, 4))
        let window = windows.current
        if self.size.rows >= Self.rowsForTopic {
            rows.append(Self.topicBar(of: window).fitted(to: self.size.columns, filler: .bar))
        }
        let barRows = self.size.rows >= Self.rowsForStatus ? 1 : 0
        appendTalk(of: window, count: self.size.rows - rows.count - barRows - 1)
        if barRows > 0 {
            rows.append(Self.statusBar(windows, connection, columns: self.size.columns))
        }
        appendInput(editor, prompt: window.place.name)
    }

    /// The picture without its styles, for tests and for reading.
    var plainText: String {
        rows.map(\.plainText).joined(separator: "\n")
    }

    /// Rows of talk on a screen of this size; a page of scrolling is half of them.
    static func talkRows(of size: ScreenSize) -> Int {
        max(size.rows - 3, 1)
    }

    private static let rowsForTopic = 6
    private static let rowsForStatus = 3

    // MARK: Talk

    private mutating func appendTalk(of window: Window, count: Int) {
        guard count > 0 else { return }
        var talk: [StyledRow] = []
        let visible = window.visible
        for (index, line) in zip(visible.indices, visible).reversed() {
            guard talk.count < count else { break }
            let wrapped = Self.row(of: line).wrapped(to: size.columns, indent: Self.indent)
            talk.append(contentsOf: wrapped.reversed())
            if window.markedLine == index + window.dropped, index > 0 {
                talk.append(StyledRow(String(repeating: "─", count: size.columns), .faint))
            }
        }
        let shown = talk.prefix(count)
        rows.append(contentsOf: Array(repeating: StyledRow(), count: count - shown.count))
        rows.append(contentsOf: shown.reversed())
    }

    /// Where a wrapped line goes on: below the text, after the time.
    private static let indent = 8

    static func row(of line: Window.Line) -> StyledRow {
        var row = StyledRow(line.stamp + " ", .faint)
        let entry = line.entry
        let textStyle: Style = entry.isForMe ? .bold : .plain
        switch entry.kind {
        case .message(let from):
            row.append("<", .faint)
            row.append(from, entry.isOwn ? .bold : .nick(from))
            row.append("> ", .faint)
            row.append(entry.text, textStyle)
        case .action(let from):
            row.append("* ", .faint)
            row.append(from, entry.isOwn ? .bold : .nick(from))
            row.append(" " + entry.text, textStyle)
        case .notice(let from):
            row.append("-", .faint)
            row.append(from, .nick(from))
            row.append("- ", .faint)
            row.append(entry.text, textStyle)
        case .news:
            row.append(entry.line, .faint)
        case .problem:
            row.append(entry.line, .alert)
        }
        return row
    }

    // MARK: Bars

    private static func topicBar(of window: Window) -> StyledRow {
        var row = StyledRow(" ", .bar)
        row.append(window.place.name, .barBold)
        if !window.topic.isEmpty { row.append("  " + window.topic, .bar) }
        return row
    }

    private static func statusBar(
        _ windows: WindowList, _ connection: ConnectionSummary, columns: Int
    ) -> StyledRow {
        let full = statusBar(windows, connection, leavingOutRead: false)
        let bar = full.width <= columns ? full : statusBar(windows, connection, leavingOutRead: true)
        return bar.fitted(to: columns, filler: .bar)
    }

    private static func statusBar(
        _ windows: WindowList, _ connection: ConnectionSummary, leavingOutRead: Bool
    ) -> StyledRow {
        var row = StyledRow(" ", .bar)
        row.append(connection.nick, .barBold)
        row.append(" \(connection.node) │", .bar)
        for (index, window) in windows.windows.enumerated() {
            let title = "\(index + 1):\(window.place.name)"
            if index == windows.currentIndex {
                row.append(" ", .bar)
                row.append("[\(title)]" + (window.bottomLine == nil ? "" : " ↓more"), .barBold)
            } else if window.unread > 0 {
                row.append(" ", .bar)
                let mark = window.wantsAttention ? "!" : ""
                row.append("\(title)(\(window.unread)\(mark))", window.wantsAttention ? .barAlert : .barBold)
            } else if !leavingOutRead {
                row.append(" \(title)", .bar)
            }
        }
        return row
    }

    // MARK: Input

    private mutating func appendInput(_ editor: LineEditor, prompt: String) {
        let promptRow = StyledRow("[\(prompt)] ", .bold)
        let shownPrompt =
            promptRow.width * 2 <= size.columns ? promptRow : StyledRow("> ", .bold)
        // The text scrolls sideways so that the cursor, and some of what is left of it, stay in view.
        let room = size.columns - shownPrompt.width - 1
        var left = Self.oneRow(editor.before)
        var leftWidth = DisplayWidth.of(left)
        if leftWidth > room {
            let kept = room - room / 4
            while leftWidth > kept, let first = left.first {
                leftWidth -= DisplayWidth.of(first)
                left.removeFirst()
            }
        }
        var row = shownPrompt
        row.append(left)
        cursorColumn = row.width
        var rightWidth = 0
        let right = Self.oneRow(editor.after).prefix { character in
            rightWidth += DisplayWidth.of(character)
            return row.width + rightWidth <= size.columns
        }
        row.append(String(right))
        rows.append(row)
    }

    /// A pasted line end takes one column in the input line.
    private static func oneRow(_ text: String) -> String {
        String(text.map { $0 == "\n" ? "↵" : $0 })
    }
}
