// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The input line: its text, the cursor and the history of lines entered. It knows keys and characters, and nothing of
// the terminal or of IRC.

/// An editor of one line (a paste may bring line ends into it; they are entered as lines of their own).
struct LineEditor: Sendable {
    /// Longer input is refused, character by character.
    static let bytesMax = 16_384
    /// The oldest line of the history falls out at this many.
    static let historyMax = 500

    /// The text left of the cursor, and right of it. Whole characters (grapheme clusters) move between the two.
    private(set) var before = ""
    private(set) var after = ""

    private var history: [String] = []
    /// The line of the history that is shown; `history.count` is the line being written.
    private var historyIndex = 0
    /// The line being written, kept while the history is looked through.
    private var draft = ""
    /// What ctrl-u, ctrl-k or ctrl-w cut last, for ctrl-y.
    private var cut = ""

    /// The whole line.
    var text: String { before + after }

    /// Acts on one key. Gives the line if the key entered one that is not blank.
    mutating func take(_ key: Key) -> String? {
        switch key {
        case .text(let text), .paste(let text): insert(text)
        case .enter: return enter()
        case .backspace, .control("h"): _ = before.popLast()
        case .delete, .control("d"): if !after.isEmpty { after.removeFirst() }
        case .left, .control("b"): if let character = before.popLast() { after.insert(character, at: after.startIndex) }
        case .right, .control("f"): if !after.isEmpty { before.append(after.removeFirst()) }
        case .wordLeft: moveWordLeft()
        case .wordRight: moveWordRight()
        case .home, .control("a"): (before, after) = ("", text)
        case .end, .control("e"): (before, after) = (text, "")
        case .control("u"): (cut, before) = (before, "")
        case .control("k"): (cut, after) = (after, "")
        case .control("w"): cutWord()
        case .control("y"): insert(cut)
        case .up: show(historyAt: historyIndex - 1)
        case .down: show(historyAt: historyIndex + 1)
        default: break
        }
        return nil
    }

    /// Empties the line; the history stays.
    mutating func clear() {
        (before, after, draft) = ("", "", "")
        historyIndex = history.count
    }

    /// Puts `word` in place of the last `count` characters before the cursor.
    mutating func replace(last count: Int, with word: String) {
        before.removeLast(min(count, before.count))
        insert(word)
    }

    private mutating func insert(_ text: String) {
        guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.bytesMax else { return }
        before += text
    }

    private mutating func enter() -> String? {
        let line = text
        clear()
        guard line.contains(where: { !$0.isWhitespace }) else { return nil }
        if history.last != line { history.append(line) }
        if history.count > Self.historyMax { history.removeFirst() }
        historyIndex = history.count
        return line
    }

    private mutating func show(historyAt index: Int) {
        guard index >= 0, index <= history.count else { return }
        if historyIndex == history.count { draft = text }
        historyIndex = index
        (before, after) = (index == history.count ? draft : history[index], "")
    }

    private mutating func cutWord() {
        let end = before
        moveWordLeft()
        cut = String(end.dropFirst(before.count))
        after.removeFirst(min(cut.count, after.count))
    }

    private mutating func moveWordLeft() {
        var count = before.reversed().prefix(while: \.isWhitespace).count
        count += before.dropLast(count).reversed().prefix(while: { !$0.isWhitespace }).count
        after = before.suffix(count) + after
        before.removeLast(count)
    }

    private mutating func moveWordRight() {
        var count = after.prefix(while: \.isWhitespace).count
        count += after.dropFirst(count).prefix(while: { !$0.isWhitespace }).count
        before += after.prefix(count)
        after.removeFirst(count)
    }
}
