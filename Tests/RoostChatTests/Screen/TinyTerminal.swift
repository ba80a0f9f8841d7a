// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A terminal for tests: it understands the few sequences that the client writes, complains about any other, and shows
// its screen as text.

import Testing

@testable import RoostChat

/// What a terminal of a fixed size shows after some output.
struct TinyTerminal {
    private(set) var rows: Int
    private(set) var columns: Int
    private(set) var isOnSecondScreen = false
    private(set) var pastesAreBracketed = false
    private(set) var cursorIsVisible = true
    private(set) var row = 0
    private(set) var column = 0

    /// An empty string is the right half of a wide character.
    private var cells: [[String]]
    private var pending: [UInt8] = []

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The screen, row by row, without the blanks at the end of each.
    var text: String {
        cells.map { row in
            let line = row.joined()
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    mutating func resize(rows: Int, columns: Int) {
        self = TinyTerminal(rows: rows, columns: columns, like: self)
    }

    private init(rows: Int, columns: Int, like old: TinyTerminal) {
        self.init(rows: rows, columns: columns)
        isOnSecondScreen = old.isOnSecondScreen
        pastesAreBracketed = old.pastesAreBracketed
        pending = old.pending
    }

    /// Takes output, which may be cut anywhere.
    mutating func write(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        // A character or a sequence that is not whole yet waits for the rest.
        var text = ""
        for length in stride(from: pending.count, through: max(pending.count - 3, 0), by: -1) {
            if let whole = String(validating: pending.prefix(length), as: UTF8.self) {
                text = whole
                pending.removeFirst(length)
                break
            }
        }
        var characters = Substring(text)
        while let character = characters.first {
            if character == "\u{1B}" {
                guard let end = characters.dropFirst(2).firstIndex(where: { ("@"..."~").contains($0) }) else {
                    pending = Array(characters.utf8) + pending
                    return
                }
                obey(String(characters[...end].dropFirst()))
                characters = characters[characters.index(after: end)...]
            } else {
                put(character)
                characters.removeFirst()
            }
        }
    }

    private mutating func obey(_ sequence: String) {
        switch sequence {
        case "[?1049h": isOnSecondScreen = true
        case "[?1049l": isOnSecondScreen = false
        case "[?2004h": pastesAreBracketed = true
        case "[?2004l": pastesAreBracketed = false
        case "[?25h": cursorIsVisible = true
        case "[?25l": cursorIsVisible = false
        case "[?7l", "[?7h": break
        case "[2J": cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
        case "[2K": cells[row] = Array(repeating: " ", count: columns)
        case "[H": (row, column) = (0, 0)
        case _ where sequence.hasSuffix("m"): break
        case _ where sequence.hasSuffix("H"):
            let numbers = sequence.dropFirst().dropLast().split(separator: ";").compactMap { Int($0) }
            guard numbers.count == 2, (1...rows).contains(numbers[0]), (1...columns).contains(numbers[1]) else {
                Issue.record("cursor moved to \(sequence) on \(rows) rows of \(columns)")
                return
            }
            (row, column) = (numbers[0] - 1, numbers[1] - 1)
        default: Issue.record("unknown sequence \(sequence.debugDescription)")
        }
    }

    private mutating func put(_ character: Character) {
        let width = DisplayWidth.of(character)
        guard width > 0, !character.isNewline else {
            Issue.record("a control character: \(character.debugDescription)")
            return
        }
        guard column + width <= columns else {
            Issue.record("\(character) is written past the last column of row \(row)")
            return
        }
        cells[row][column] = String(character)
        if width == 2 { cells[row][column + 1] = "" }
        column += width
    }
}
