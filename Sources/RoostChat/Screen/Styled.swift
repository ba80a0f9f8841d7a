// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Text in styles: what a style looks like on a terminal, and how styled text is broken into rows.

/// How a piece of text looks.
enum Style: Equatable, Sendable {
    case plain, faint, bold, alert
    /// In the colour that belongs to this nick.
    case nick(String)
    /// The bars above and below the talk.
    case bar, barBold, barAlert

    /// The sequence that switches it on after a reset (ECMA-48 SGR); empty for plain.
    var sequence: String {
        switch self {
        case .plain: ""
        case .faint: "\u{1B}[2m"
        case .bold: "\u{1B}[1m"
        case .alert: "\u{1B}[1;31m"
        case .nick(let nick): "\u{1B}[38;5;\(Self.colour(of: nick))m"
        case .bar: "\u{1B}[7m"
        case .barBold: "\u{1B}[1;7m"
        case .barAlert: "\u{1B}[1;7;31m"
        }
    }

    /// Colours of the 256-colour palette that read well on black and on white.
    private static let palette = [27, 30, 35, 62, 70, 98, 127, 131, 133, 136, 161, 166, 168, 172]

    /// The same colour for the same nick always and everywhere: FNV-1a over the nick in lower case.
    static func colour(of nick: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in nick.folded.utf8 {
            hash = (hash ^ UInt32(byte)) &* 16_777_619
        }
        return palette[Int(hash % UInt32(palette.count))]
    }
}

/// A row of text in styles.
struct StyledRow: Equatable, Sendable {
    struct Run: Equatable, Sendable {
        var text: String
        var style: Style
    }

    private(set) var runs: [Run] = []
    private(set) var width = 0

    init() {}

    init(_ text: String, _ style: Style = .plain) {
        append(text, style)
    }

    var plainText: String { runs.map(\.text).joined() }

    /// Adds text. Whatever it holds, no control character gets past here to a terminal.
    mutating func append(_ text: String, _ style: Style = .plain) {
        appendClean(PlainText.oneLine(text), style)
    }

    private mutating func appendClean(_ text: String, _ style: Style) {
        guard !text.isEmpty else { return }
        width += DisplayWidth.of(text)
        if runs.last?.style == style {
            runs[runs.count - 1].text += text
        } else {
            runs.append(Run(text: text, style: style))
        }
    }

    /// The row as terminal output, all styles off at its end.
    func output(colours: Bool) -> String {
        var output = ""
        for run in runs {
            var sequence = run.style.sequence
            if case .nick = run.style, !colours { sequence = "" }
            output += sequence.isEmpty ? run.text : sequence + run.text + "\u{1B}[0m"
        }
        return output
    }

    /// Cuts the row at `columns`, with an ellipsis if something was lost, and fills it up to there.
    func fitted(to columns: Int, filler: Style) -> StyledRow {
        var row = StyledRow()
        let isCut = width > columns
        let limit = isCut ? columns - 1 : columns
        cutting: for run in runs {
            var kept = ""
            var keptWidth = 0
            for character in run.text {
                let characterWidth = DisplayWidth.of(character)
                guard row.width + keptWidth + characterWidth <= limit else {
                    row.appendClean(kept, run.style)
                    break cutting
                }
                kept.append(character)
                keptWidth += characterWidth
            }
            row.appendClean(kept, run.style)
        }
        if isCut, columns > 0 { row.append("…", filler) }
        row.append(String(repeating: " ", count: max(columns - row.width, 0)), filler)
        return row
    }

    /// Breaks the row into rows of at most `columns`, at spaces where there are some; all but the first begin with
    /// `indent` spaces.
    func wrapped(to columns: Int, indent: Int) -> [StyledRow] {
        guard width > columns else { return [self] }
        let indent = indent * 2 < columns ? indent : 0
        var rows: [[Cell]] = []
        var row: [Cell] = []
        var rowWidth = 0
        var lastSpace: Int?
        func endRow(carrying rest: [Cell] = []) {
            rows.append(row)
            row = Array(repeating: Cell(character: " ", width: 1, style: .plain), count: indent) + rest
            rowWidth = row.reduce(0) { $0 + $1.width }
            lastSpace = nil
        }
        for cell in cells where cell.width <= columns {
            if rowWidth + cell.width > columns {
                if cell.character == " " {
                    endRow()
                    continue
                }
                if let space = lastSpace {
                    let rest = Array(row[(space + 1)...])
                    row.removeSubrange(space...)
                    endRow(carrying: rest)
                } else {
                    endRow()
                }
            }
            // A break is only worth it past the indentation and the speaker's name.
            if cell.character == " ", rowWidth > indent { lastSpace = row.count }
            row.append(cell)
            rowWidth += cell.width
        }
        rows.append(row)
        return rows.map { cells in
            cells.reduce(into: StyledRow()) { $0.appendClean(String($1.character), $1.style) }
        }
    }

    private struct Cell {
        var character: Character
        var width: Int
        var style: Style
    }

    private var cells: [Cell] {
        runs.flatMap { run in
            run.text.map { Cell(character: $0, width: DisplayWidth.of($0), style: run.style) }
        }
    }
}
