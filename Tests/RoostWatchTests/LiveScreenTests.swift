// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The live screen on a pseudo-terminal: what it sends, which keys end it, and that it leaves the terminal as it was.

import Glibc
import RoostStats
import TestSupport
import Testing

@testable import RoostWatch

/// Both ends of a pseudo-terminal.
private final class PseudoTerminal {
    let user: Int32
    let program: Int32

    init() throws {
        var (user, program): (Int32, Int32) = (0, 0)
        try #require(openpty(&user, &program, nil, nil, nil) == 0)
        self.user = user
        self.program = program
    }

    deinit {
        close(user)
        close(program)
    }

    /// The local modes: echo, line by line, signals.
    var modes: tcflag_t {
        var settings = termios()
        #expect(tcgetattr(program, &settings) == 0)
        return settings.c_lflag
    }

    func press(_ key: UInt8) { #expect([key].withUnsafeBytes { write(user, $0.baseAddress, 1) } == 1) }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(program, UInt(TIOCSWINSZ), &size) == 0)
    }
}

/// Delivers a signal to this thread before it returns, although worker threads block signals.
private func raiseUnblocked(_ number: Int32) {
    var (signals, before) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    raise(number)
    pthread_sigmask(SIG_SETMASK, &before, nil)
}

/// One at a time: what a signal does belongs to the whole process.
@Suite(.serialized) struct LiveScreenTests {
    private let signals = ProcessSignals()
    private let terminal: PseudoTerminal
    private let written = Transcript()
    private let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private let leaving = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    init() throws {
        terminal = try PseudoTerminal()
        terminal.resize(columns: 80, rows: 10)
    }

    private func liveScreen() -> LiveScreen {
        let program = terminal.program
        return LiveScreen(
            screen: Screen(addresses: ["127.0.0.1:7602"]), terminal: Terminal(input: program, output: written.output),
            colour: true
        ) { Terminal.size(of: program) }
    }

    @Test(arguments: [UInt8(ascii: "q"), 0x03]) func keysEndItAndTheTerminalIsAsBefore(key: UInt8) {
        let before = terminal.modes
        do {
            var live = liveScreen()
            #expect(terminal.modes & tcflag_t(ICANON | ECHO | ISIG) == 0)
            #expect(written.taken() == entering)
            #expect(live.tick(.three(), at: .seconds(1)) == nil)
            #expect(written.taken() != "")
            terminal.press(key)
            // The kernel hands a key over in its own time.
            let deadline = ContinuousClock.now + .seconds(10)
            var exitCode: Int32?
            while exitCode == nil, ContinuousClock.now < deadline { exitCode = live.tick(.three(), at: .seconds(1)) }
            #expect(exitCode == 0)
        }
        #expect(written.taken() == leaving)
        #expect(terminal.modes == before)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func aSignalEndsItAndTheTerminalIsAsBefore(number: Int32) {
        let before = terminal.modes
        do {
            var live = liveScreen()
            #expect(live.tick(.three(), at: .seconds(1)) == nil)
            raiseUnblocked(number)
            #expect(live.tick(.three(), at: .seconds(1)) == 128 + number)
        }
        #expect(written.taken().hasSuffix(leaving))
        #expect(terminal.modes == before)
    }

    @Test func aPaintingIsOneUpdateThatClearsOnlyWhatItDoesNotWrite() {
        var live = liveScreen()
        #expect(written.taken() == entering)
        #expect(live.tick(.three(), at: .seconds(1)) == nil)
        let text = written.taken()
        #expect(text.hasPrefix("\u{1B}[?2026h\u{1B}[H\u{1B}[1mroost\u{1B}[0m  3 nodes, 3 serving"))
        // The header is as wide as the screen: clearing after it would take its last letter.
        #expect(text.contains(" UTC\r\n\u{1B}[K\r\n"))
        #expect(text.hasSuffix("\u{1B}[K\u{1B}[J\u{1B}[?2026l"))
        #expect(text.split(separator: "\r\n").count == 10)
    }

    @Test func itPaintsWhenSomethingChangedOrASecondWentByButNotMoreOften() {
        var live = liveScreen()
        let view = ClusterView.three()
        let message = ReceivedMessage(message: .stats(report("node1")), json: [])
        #expect(written.taken() == entering)
        let times: [(milliseconds: Int, heard: Bool, resized: Bool, paints: Bool)] = [
            (0, false, false, true), (50, false, false, false), (60, true, false, false), (100, false, false, true),
            (150, false, false, false), (200, false, true, true), (1_150, false, false, false),
            (1_200, false, false, true),
        ]
        for time in times {
            let now = Duration.milliseconds(time.milliseconds)
            if time.heard { live.heard(message, at: now) }
            if time.resized { terminal.resize(columns: 60, rows: 9) }
            #expect(live.tick(view, at: now) == nil)
            #expect(written.taken().isEmpty != time.paints, "at \(time.milliseconds) ms")
        }
    }

    @Test func itEndsWhenNobodyLooksAnyMore() {
        let program = terminal.program
        var live = LiveScreen(
            screen: Screen(addresses: []), terminal: Terminal(input: program, output: Output { _ in false }),
            colour: false
        ) { .standard }
        #expect(live.tick(.three(), at: .zero) == 0)
    }
}
