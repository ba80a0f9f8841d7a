// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The input line, key by key: each test types and compares the whole line with the cursor shown as `|`.

import Testing

@testable import RoostChat

/// Types keys into an editor and gives the line with its cursor.
private func line(_ editor: inout LineEditor, _ keys: Key...) -> String {
    for key in keys where editor.take(key) != nil { Issue.record("a line was entered") }
    return editor.before + "|" + editor.after
}

private func editor(_ text: String) -> LineEditor {
    var editor = LineEditor()
    for character in text { #expect(editor.take(.text(String(character))) == nil) }
    return editor
}

@Suite struct LineEditorTests {
    @Test func typingInsertsAtTheCursor() {
        var editor = editor("heo")
        #expect(line(&editor, .left, .text("l"), .text("l")) == "hell|o")
        #expect(line(&editor, .home, .text("> ")) == "> |hello")
        #expect(line(&editor, .end, .text("!")) == "> hello!|")
    }

    @Test func controlKeysMoveAndCutAsInAShell() {
        var editor = editor("one two  three")
        #expect(line(&editor, .control("w")) == "one two  |")
        #expect(line(&editor, .control("y")) == "one two  three|")
        #expect(line(&editor, .wordLeft, .wordLeft) == "one |two  three")
        #expect(line(&editor, .wordRight) == "one two|  three")
        #expect(line(&editor, .control("k")) == "one two|")
        #expect(line(&editor, .control("a"), .delete, .control("d")) == "|e two")
        #expect(line(&editor, .control("e"), .backspace, .control("h")) == "e t|")
        #expect(line(&editor, .control("b"), .control("u")) == "|t")
        #expect(line(&editor, .control("f"), .right, .control("y")) == "te |")
    }

    @Test func theKeysDoNothingAtTheEnds() {
        var editor = LineEditor()
        let keys: [Key] = [
            .left, .right, .backspace, .delete, .up, .down, .wordLeft, .wordRight, .control("w"), .control("u"),
            .control("k"), .home, .end, .control("y"),
        ]
        for key in keys { #expect(line(&editor, key) == "|") }
    }

    @Test func aCharacterOfManyScalarsIsOneCharacter() {
        var editor = editor("a")
        // A letter and its accent arrive apart, a family of four in seven scalars.
        for scalar in "e\u{301}👨‍👩‍👧‍👦".unicodeScalars { _ = line(&editor, .text(String(scalar))) }
        #expect(line(&editor, .left) == "ae\u{301}|👨‍👩‍👧‍👦")
        #expect(line(&editor, .backspace) == "a|👨‍👩‍👧‍👦")
        #expect(line(&editor, .delete) == "a|")
    }

    @Test func enteringEmptiesTheLineAndBlankLinesAreNotEntered() {
        var editor = editor("  hi ")
        #expect(editor.take(.left) == nil)
        #expect(editor.take(.enter) == "  hi ")
        #expect(editor.text == "")
        #expect(editor.take(.text("  ")) == nil)
        #expect(editor.take(.enter) == nil)
    }

    @Test func theHistoryGoesBackAndForthAndKeepsTheDraft() {
        var editor = LineEditor()
        for text in ["one", "two", "two", "three"] {
            #expect(editor.take(.text(text)) == nil)
            #expect(editor.take(.enter) == text)
        }
        #expect(line(&editor, .text("dra"), .up) == "three|")
        #expect(line(&editor, .up, .up, .up, .up) == "one|")
        #expect(line(&editor, .down) == "two|")
        #expect(line(&editor, .down, .down, .down) == "dra|")
        #expect(line(&editor, .up, .text("!")) == "three!|")
        #expect(editor.take(.enter) == "three!")
        #expect(line(&editor, .up, .up) == "three|")
    }

    @Test func theHistoryIsBounded() {
        var editor = LineEditor()
        for number in 0..<LineEditor.historyMax + 10 {
            #expect(editor.take(.text("\(number)")) == nil)
            #expect(editor.take(.enter) == "\(number)")
        }
        for _ in 0..<LineEditor.historyMax * 2 { #expect(editor.take(.up) == nil) }
        #expect(editor.text == "10")
    }

    @Test func aLineThatIsTooLongTakesNoMore() {
        var editor = LineEditor()
        #expect(editor.take(.paste(String(repeating: "x", count: LineEditor.bytesMax))) == nil)
        #expect(editor.take(.text("y")) == nil)
        #expect(editor.text.utf8.count == LineEditor.bytesMax)
        #expect(!editor.text.contains("y"))
    }

    @Test func completionPutsANickOrACommandInPlaceOfItsBeginning() {
        let nicks = ["alice", "Alf", "bob"]
        #expect(Completion.complete("bo", nicks: nicks).map { "\($0.replaced)\($0.word)" } == "2bob: ")
        #expect(Completion.complete("hi BO", nicks: nicks).map { "\($0.replaced)\($0.word)" } == "2bob ")
        #expect(Completion.complete("a", nicks: nicks).map { "\($0.replaced)\($0.word)" } == "1al")
        #expect(Completion.complete("al", nicks: nicks) == nil)
        #expect(Completion.complete("zed", nicks: nicks) == nil)
        #expect(Completion.complete("hi ", nicks: nicks) == nil)
        #expect(Completion.complete("/jo", nicks: nicks).map { "\($0.replaced)\($0.word)" } == "3/join ")
        #expect(Completion.complete("see /jo", nicks: nicks) == nil)
    }
}
