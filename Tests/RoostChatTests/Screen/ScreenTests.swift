// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Pictures of the client. Golden screens: the whole picture is compared, as text and once with its styles.

import Testing

@testable import RoostChat

private func message(_ from: String, _ text: String, isOwn: Bool = false, isForMe: Bool = false) -> Entry {
    Entry(kind: .message(from: from), text: text, isOwn: isOwn, isForMe: isForMe)
}

private func frame(
    _ windows: WindowList, typed: String = "", keys: [Key] = [], rows: Int = 8, columns: Int = 40
) -> Frame {
    var editor = LineEditor()
    for key in [Key.paste(typed)] + keys { #expect(editor.take(key) == nil) }
    return Frame(
        windows: windows, editor: editor, connection: ConnectionSummary(nick: "alice", node: "127.0.0.1:6667"),
        size: ScreenSize(rows: rows, columns: columns))
}

/// The picture with blanks at the ends of rows taken off.
private func picture(_ frame: Frame) -> String {
    frame.plainText.split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
}

private func talk() -> WindowList {
    var windows = WindowList()
    windows.focus(.named("#lobby"))
    windows.setTopic("Welcome", of: .named("#LOBBY"))
    windows.append(Entry(kind: .news, text: "you are in #lobby"), stamp: "12:30", in: .named("#lobby"))
    windows.append(message("bob", "hello"), stamp: "12:31", in: .named("#lobby"))
    windows.append(Entry(kind: .action(from: "bob"), text: "waves"), stamp: "12:32", in: .named("#lobby"))
    return windows
}

@Suite struct ScreenTests {
    @Test func talkIsAboveTheBarAndTheInputLineBelow() {
        #expect(
            picture(frame(talk(), typed: "hi there")) == """
                 #lobby  Welcome


                12:30 -- you are in #lobby
                12:31 <bob> hello
                12:32 * bob waves
                 alice 127.0.0.1:6667 │ [2:#lobby]
                [#lobby] hi there
                """)
    }

    @Test func stylesAreSwitchedOffAtTheEndOfEachPiece() {
        var painter = Painter(colours: true)
        let output = painter.paint(frame(talk(), typed: "x", rows: 4, columns: 60))
        let bob = Style.colour(of: "bob")
        #expect(
            output == "\u{1B}[?25l\u{1B}[2J"
                + "\u{1B}[1;1H\u{1B}[2K"
                + "\u{1B}[2m12:31 <\u{1B}[0m\u{1B}[38;5;\(bob)mbob\u{1B}[0m\u{1B}[2m> \u{1B}[0mhello"
                + "\u{1B}[2;1H\u{1B}[2K\u{1B}[2m12:32 * \u{1B}[0m\u{1B}[38;5;\(bob)mbob\u{1B}[0m waves"
                + "\u{1B}[3;1H\u{1B}[2K\u{1B}[7m \u{1B}[0m\u{1B}[1;7malice\u{1B}[0m\u{1B}[7m 127.0.0.1:6667 │ 1:status "
                + "\u{1B}[0m\u{1B}[1;7m[2:#lobby]\u{1B}[0m\u{1B}[7m" + String(repeating: " ", count: 17) + "\u{1B}[0m"
                + "\u{1B}[4;1H\u{1B}[2K\u{1B}[1m[#lobby] \u{1B}[0mx"
                + "\u{1B}[4;11H\u{1B}[?25h")
    }

    @Test func onlyChangedRowsArePaintedAgain() {
        var painter = Painter(colours: true)
        _ = painter.paint(frame(talk(), typed: "x"))
        #expect(painter.paint(frame(talk(), typed: "x")) == "\u{1B}[8;11H")
        #expect(
            painter.paint(frame(talk(), typed: "xy"))
                == "\u{1B}[?25l\u{1B}[8;1H\u{1B}[2K\u{1B}[1m[#lobby] \u{1B}[0mxy\u{1B}[8;12H\u{1B}[?25h")
    }

    @Test func longLinesAreWrappedAtSpacesBelowTheText() {
        var windows = WindowList()
        windows.append(
            message("bob", "one two three four five sixseveneightninetenxx 語語語語語語"), stamp: "12:31", in: .status)
        #expect(
            picture(frame(windows, rows: 9, columns: 24)) == """
                 status

                12:31 <bob> one two
                        three four five
                        sixseveneightnin
                        etenxx
                        語語語語語語
                 alice 127.0.0.1:6667 │…
                [status]
                """)
    }

    @Test func unreadTalkIsCountedAndWhatIsForMeIsMarked() {
        var windows = talk()
        windows.append(message("carol", "a"), stamp: "12:33", in: .named("#dev"))
        windows.append(message("carol", "b"), stamp: "12:33", in: .named("#dev"))
        windows.append(Entry(kind: .news, text: "carol has left"), stamp: "12:33", in: .named("#dev"))
        windows.append(message("dave", "psst", isForMe: true), stamp: "12:34", in: .named("dave"))
        func bar() -> String {
            picture(frame(windows, columns: 70)).split(separator: "\n").suffix(2).first.map(String.init) ?? ""
        }
        #expect(bar() == " alice 127.0.0.1:6667 │ 1:status [2:#lobby] 3:#dev(2) 4:dave(1!)")
        windows.selectUnread()
        #expect(bar() == " alice 127.0.0.1:6667 │ 1:status 2:#lobby 3:#dev(2) [4:dave]")
        windows.selectUnread()
        #expect(bar() == " alice 127.0.0.1:6667 │ 1:status 2:#lobby [3:#dev] 4:dave")
        windows.selectUnread()
        #expect(windows.current.place == .named("#dev"))
    }

    @Test func aBarThatIsTooLongLeavesOutWhatIsRead() {
        var windows = talk()
        for number in 1...9 { windows.open(.named("#c\(number)")) }
        windows.append(message("carol", "a"), stamp: "12:33", in: .named("#c7"))
        let bar = picture(frame(windows, columns: 50)).split(separator: "\n").suffix(2).first
        #expect(bar == " alice 127.0.0.1:6667 │ [2:#lobby] 9:#c7(1)")
    }

    @Test func aRuleMarksWhereUnreadTalkBegins() {
        var windows = talk()
        windows.select(0)
        windows.append(message("bob", "news?"), stamp: "12:40", in: .named("#lobby"))
        windows.select(1)
        #expect(
            picture(frame(windows, rows: 7, columns: 30)) == """
                 #lobby  Welcome
                12:31 <bob> hello
                12:32 * bob waves
                ──────────────────────────────
                12:40 <bob> news?
                 alice 127.0.0.1:6667 │ [2:#l…
                [#lobby]
                """)
        windows.select(0)
        windows.select(1)
        #expect(!frame(windows).plainText.contains("─"))
    }

    @Test func scrollingBackStaysWhileTalkGoesOn() {
        var windows = WindowList()
        for number in 1...20 { windows.append(message("bob", "\(number)"), stamp: "12:00", in: .status) }
        windows.scroll(by: -5)
        let before = frame(windows, columns: 60)
        #expect(before.plainText.contains("<bob> 15") && !before.plainText.contains("<bob> 16"))
        #expect(before.plainText.contains("↓more"))
        windows.append(message("bob", "21"), stamp: "12:00", in: .status)
        #expect(frame(windows, columns: 60) == before)
        windows.scroll(by: 100)
        #expect(frame(windows).plainText.contains("<bob> 21"))
        windows.scroll(by: -1_000)
        #expect(frame(windows).plainText.contains("<bob> 1"))
    }

    @Test func oldTalkFallsOutAndTheViewGoesOn() {
        var windows = WindowList()
        for number in 0..<Window.entriesMax + 50 {
            windows.append(message("bob", "\(number)."), stamp: "12:00", in: .status)
        }
        #expect(windows.current.lines.count == Window.entriesMax)
        windows.scroll(by: -Window.entriesMax)
        #expect(windows.current.visible.last?.entry.text == "50.")
        windows.append(message("bob", "x"), stamp: "12:00", in: .status)
        #expect(windows.current.visible.last?.entry.text == "51.")
    }

    @Test func theInputLineScrollsSidewaysWithItsCursor() {
        let long = "0123456789abcdefghijklmnopqrstuvwxyz"
        let atEnd = frame(WindowList(), typed: long, rows: 1, columns: 24)
        #expect(atEnd.plainText == "[status] pqrstuvwxyz")
        #expect(atEnd.cursorColumn == 20)
        let atStart = frame(WindowList(), typed: long, keys: [.home], rows: 1, columns: 24)
        #expect(atStart.plainText == "[status] 0123456789abcde")
        #expect(atStart.cursorColumn == 9)
        let wide = frame(WindowList(), typed: "日本語", keys: [.left], rows: 1, columns: 24)
        #expect(wide.plainText == "[status] 日本語")
        #expect(wide.cursorColumn == 13)
        #expect(frame(WindowList(), typed: "a\nb", rows: 1, columns: 24).plainText == "[status] a↵b")
    }

    @Test func everySizeHoldsThePictureAndNothingIsWrittenBeyondIt() {
        var windows = talk()
        windows.append(message("bob", "日本語 \u{1B}[31m wide 👍 words and words"), stamp: "12:33", in: .named("#lobby"))
        for rows in 1...9 {
            for columns in 4...50 {
                let frame = frame(windows, typed: "日本語 and more than fits in here", rows: rows, columns: columns)
                #expect(frame.rows.count == rows)
                var painter = Painter(colours: false)
                var terminal = TinyTerminal(rows: rows, columns: columns)
                terminal.write(painter.paint(frame).utf8)
                #expect(terminal.text == picture(frame), "\(rows)×\(columns)")
            }
        }
    }

    @Test func aNickHasItsColourInAnyCaseAndOthersHaveOthers() {
        #expect(Style.colour(of: "Alice") == Style.colour(of: "aLICE"))
        #expect(Set(["alice", "bob", "carol", "dave", "erin", "frank"].map(Style.colour)).count > 3)
    }

    @Test func closingTheWindowLookedAtShowsTheOneBefore() {
        var windows = talk()
        windows.open(.named("#dev"))
        windows.close(.named("#LOBBY"))
        #expect(windows.current.place == .status)
        #expect(windows.windows.map(\.place) == [.status, .named("#dev")])
        windows.close(.status)
        windows.select(7)
        windows.selectNext(by: -1)
        #expect(windows.current.place == .named("#dev"))
        windows.rename(.named("#dev"), to: .named("#ops"))
        #expect(windows.current.place.name == "#ops")
    }
}
