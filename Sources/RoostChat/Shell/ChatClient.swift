// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The driver: one thread, one `poll`. It turns bytes, signals and time into inputs of the session and keys for the
// editor, performs the session's effects, and shows what there is to show. It decides nothing about the conversation.

import Glibc
import RoostIRC

/// A chat client on two descriptors: a terminal's, or a pipe's.
struct ChatClient: ~Copyable {
    private let input: Int32
    private let output: Int32
    private let mode: ChatMode
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    private var session: Session
    private var connection: Connection?
    private var windows = WindowList()

    // For a terminal.
    private var terminal: Terminal?
    private var signals: SignalPipe?
    private var editor = LineEditor()
    private var decoder = KeyDecoder()
    private var painter: Painter
    private var escapeUntil: Duration?
    private var endingSignal: Int32?

    // For a pipe.
    private var inputLines = LineSplitter(bytesMax: 8_192)
    private var inputIsOpen = true
    private var inputEndIsTold = false
    private var printed = ""

    private var outcome: ChatFailure??

    /// How long a lone Escape may wait for the rest of a sequence.
    private static let escapeWait = Duration.milliseconds(50)

    init(
        options: ChatOptions, mode: ChatMode, input: Int32, output: Int32, colours: Bool,
        limits: SessionLimits = SessionLimits()
    ) {
        self.input = input
        self.output = output
        self.mode = mode
        start = clock.now
        session = Session(options: options, mode: mode, limits: limits)
        painter = Painter(colours: colours)
    }

    /// Runs until the person leaves, the pipe's input is dealt with, or a signal asks for the end.
    ///
    /// - Returns: 0, or 128 and the number of the signal that ended it, as shells have it.
    mutating func run() throws(ChatFailure) -> Int32 {
        if mode == .terminal {
            signals = try SignalPipe()
            terminal = try Terminal(input: input, output: output)
        }
        defer { terminal?.leave() }
        step(.started)
        while outcome == nil {
            try present()
            try turn()
        }
        if mode == .pipe { try present() }
        if let failure = outcome ?? nil { throw failure }
        return endingSignal.map { 128 + $0 } ?? 0
    }

    // MARK: The loop

    private mutating func turn() throws(ChatFailure) {
        // A connection that could not even be begun has no descriptor to wait for.
        if let connection, connection.descriptor < 0 {
            attendConnection()
            return
        }
        let signalDescriptor = signals?.descriptor ?? -1
        let connectionDescriptor = connection?.descriptor ?? -1
        var descriptors = [
            pollfd(fd: wantsInput ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signalDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: connectionDescriptor, events: connection?.wantedEvents ?? 0, revents: 0),
        ]
        let count = poll(&descriptors, nfds_t(descriptors.count), pollTimeout)
        if count > 0 {
            if descriptors[1].revents != 0 { try takeSignals() }
            if descriptors[2].revents != 0 { attendConnection() }
            if descriptors[0].revents != 0 { try readInput() }
        }
        if let until = escapeUntil, now >= until {
            decoder.giveUp()
            escapeUntil = nil
        }
        if let deadline = session.nextDeadline, now >= deadline { step(.deadlineReached) }
        if mode == .pipe { takeLines() }
    }

    private var now: Duration { clock.now - start }

    /// Milliseconds until the next deadline, rounded up; none is for ever.
    private var pollTimeout: Int32 {
        let deadlines = [session.nextDeadline, escapeUntil].compactMap { $0 }
        guard let next = deadlines.min() else { return -1 }
        let (seconds, attoseconds) = max(next - now, .zero).components
        return Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    private var wantsInput: Bool {
        mode == .terminal || (inputIsOpen && session.acceptsInput && hasRoomToSend)
    }

    private var hasRoomToSend: Bool { (connection?.outgoing.count ?? 0) < 16_384 }

    // MARK: Effects

    private mutating func step(_ input: SessionInput) {
        for effect in session.step(input, at: now) {
            perform(effect)
        }
    }

    private mutating func perform(_ effect: SessionEffect) {
        switch effect {
        case .connect(let address):
            connection = Connection(to: address)
        case .disconnect:
            connection = nil
        case .send(let line):
            connection?.send(line.bytes)
        case .show(let entry, let place):
            show(entry, in: place)
        case .announce(let entry):
            show(entry, in: .status)
            if mode == .terminal, windows.current.place != .status { show(entry, in: windows.current.place) }
        case .setTopic(let topic, let place):
            windows.setTopic(topic, of: place)
        case .focus(let place):
            windows.focus(place)
        case .selectWindow(let number):
            windows.select(number - 1)
        case .rename(let place, let new):
            windows.rename(place, to: new)
        case .close(let place):
            windows.close(place)
        case .finish(let failure):
            outcome = .some(failure)
        }
    }

    private mutating func show(_ entry: Entry, in place: Place) {
        let stamp = LocalTime.stamp(entry.time)
        windows.append(entry, stamp: stamp, in: place)
        if mode == .pipe {
            let line = place == .status ? entry.line : "\(place.name) \(entry.line)"
            printed += "[\(stamp)] \(PlainText.oneLine(line))\n"
        }
    }

    /// Brings what was shown to the terminal or the pipe.
    private mutating func present() throws(ChatFailure) {
        if let terminal {
            let frame = Frame(
                windows: windows, editor: editor, connection: session.summary, size: terminal.size)
            try Output.write(painter.paint(frame), to: output)
        } else if !printed.isEmpty {
            try Output.write(printed, to: output)
            printed = ""
        }
    }

    // MARK: The connection

    private mutating func attendConnection() {
        guard connection != nil else { return }
        if connection?.isConnected == false {
            switch connection?.progress() {
            case .connected: step(.connected)
            case .failed(let reason): step(.connectionFailed(reason))
            case .underWay, nil: break
            }
            return
        }
        connection?.flush()
        guard let arrival = connection?.receive() else { return }
        for bytes in arrival.lines {
            guard outcome == nil, let line = Self.parse(bytes) else { continue }
            step(.received(line))
        }
        if let end = arrival.end ?? (connection?.isStuck == true ? "it does not take what we send" : nil) {
            connection = nil
            step(.connectionLost(end))
        }
    }

    /// Lenient: what is not UTF-8 is mended, what is no line is passed over.
    private static func parse(_ bytes: [UInt8]) -> IRCLine? {
        let limits = LineLimits(tagBytesMax: Connection.lineBytesMax, bodyBytesMax: Connection.lineBytesMax)
        do {
            return try IRCLine(parsing: String(decoding: bytes, as: UTF8.self), limits: limits)
        } catch {
            return nil
        }
    }

    // MARK: Input

    private mutating func readInput() throws(ChatFailure) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count > 0 else {
            inputIsOpen = false
            // A terminal that is gone: there is nobody to talk to any more.
            if mode == .terminal { step(.leaveAsked) }
            return
        }
        if mode == .pipe {
            inputLines.append(buffer.prefix(count))
            return
        }
        for key in decoder.decode(buffer.prefix(count)) where outcome == nil {
            try take(key)
        }
        escapeUntil = decoder.isInsideEscape ? now + Self.escapeWait : nil
    }

    private mutating func takeLines() {
        while outcome == nil, session.acceptsInput, hasRoomToSend {
            if let line = inputLines.next() {
                enterFromPipe(String(decoding: line, as: UTF8.self))
            } else if inputIsOpen {
                return
            } else if let rest = inputLines.takeRest() {
                enterFromPipe(String(decoding: rest, as: UTF8.self))
            } else {
                step(.inputEnded)
            }
        }
    }

    private mutating func enterFromPipe(_ text: String) {
        if text.contains(where: { !$0.isWhitespace }) { step(.entered(text, at: windows.current.place)) }
    }

    private mutating func take(_ key: Key) throws(ChatFailure) {
        switch key {
        case .control("c") where editor.text.isEmpty, .control("d") where editor.text.isEmpty:
            step(.leaveAsked)
        case .control("c"): editor.clear()
        case .control("l"): painter.forget()
        case .control("n"): windows.selectNext(by: 1)
        case .control("p"): windows.selectNext(by: -1)
        case .control("z"): try suspend()
        case .alt("a"): windows.selectUnread()
        case .alt("0"): windows.select(9)
        case .alt(let digit) where digit.isNumber: windows.select((digit.wholeNumberValue ?? 0) - 1)
        case .pageUp: windows.scroll(by: -pageLines)
        case .pageDown: windows.scroll(by: pageLines)
        case .tab:
            let nicks = session.members(of: windows.current.place)
            if let (count, word) = Completion.complete(editor.before, nicks: nicks) {
                editor.replace(last: count, with: word)
            }
        default:
            if let text = editor.take(key) { step(.entered(text, at: windows.current.place)) }
        }
    }

    private var pageLines: Int {
        terminal.map { max(Frame.talkRows(of: $0.size) / 2, 1) } ?? 1
    }

    // MARK: Signals

    private mutating func takeSignals() throws(ChatFailure) {
        for signal in signals?.take() ?? [] {
            switch signal {
            case SIGWINCH: painter.forget()
            case SIGCONT:
                try terminal?.enter()
                painter.forget()
            default:
                endingSignal = signal
                step(.leaveAsked)
            }
        }
    }

    /// Stops as a shell expects of ctrl-z; SIGCONT brings us back.
    private func suspend() throws(ChatFailure) {
        terminal?.leave()
        kill(getpid(), SIGTSTP)
        try terminal?.enter()
    }
}
