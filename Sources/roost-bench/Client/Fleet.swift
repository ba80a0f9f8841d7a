// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The clients of one row and the loop that serves them all: one thread, one epoll, one read buffer. It shares the
// machine with the server it measures, so a delivery costs it a part of a read, one scan of the line and one check,
// and allocates nothing. What to send and how to judge what arrives is the load's business (MessageHandler).
//
// Raw pointers appear here because the system calls fill memory of ours: the buffer lives as long as the fleet, and
// lines leave this file as `Span`, whose accesses are checked.

import CLinux
import Glibc

/// Takes the messages that arrive.
protocol MessageHandler: ~Copyable {
    /// `text` is the last parameter of a PRIVMSG that `client` received.
    mutating func message(_ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet) throws(BenchFailure)
}

/// Ignores messages: for the phases in which nobody should talk.
struct Silence: MessageHandler {
    mutating func message(_ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet) {}
}

/// All clients of one row. Closes their sockets when it ends.
struct Fleet: ~Copyable {
    /// What control lines have told so far. Phases of the set-up wait for one of these to reach a number.
    struct Counts {
        var connecting = 0
        var registered = 0
        /// Ends of NAMES lists (366), one for each JOIN or NAMES.
        var nameLists = 0
        /// Names listed (353) since the phase began.
        var names = 0
        var pongs = 0
        /// ISON replies (303) and the nicks that they named.
        var presenceReplies = 0
        var present = 0
    }

    let settings: Settings
    let endpoints: [Endpoint]
    var counts = Counts()
    /// Nanoseconds from connect to the end of the MOTD, one for each client that got there.
    private(set) var handshakes: [UInt64] = []

    private(set) var clients: [Client] = []
    private let addresses: [SocketAddress]
    private let names: NickNames
    private let receiveBytes: Int32?
    private let poller: Int32
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    /// A fleet whose clients are dealt to the endpoints in turn. `names` must not have been used before on them.
    ///
    /// - Parameter receiveBytes: what the system may keep for a client that does not read; nil for what it likes to.
    init(
        endpoints: [Endpoint], names: NickNames, settings: Settings, receiveBytes: Int32? = nil
    ) throws(BenchFailure) {
        var addresses: [SocketAddress] = []
        for endpoint in endpoints { addresses.append(try endpoint.resolve()) }
        let poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poller >= 0 else { throw .system("creating an epoll", on: "this machine", error: errno) }
        self.endpoints = endpoints
        self.addresses = addresses
        self.names = names
        self.settings = settings
        self.receiveBytes = receiveBytes
        self.poller = poller
        buffer = .allocate(capacity: 512 * 1024)
    }

    deinit {
        for client in clients where client.descriptor >= 0 { close(client.descriptor) }
        close(poller)
        buffer.deallocate()
    }

    func nick(_ client: Int) -> String { names.nick(client) }

    func endpoint(of client: Int) -> Endpoint { endpoints[client % endpoints.count] }

    /// Starts to connect one more client.
    mutating func connect() throws(BenchFailure) {
        let client = clients.count
        let descriptor = addresses[client % addresses.count].connect(
            ordinal: client / addresses.count, receiveBytes: receiveBytes)
        guard descriptor >= 0 else { throw .system("connecting client \(client)", on: name(client), error: errno) }
        clients.append(Client(descriptor: descriptor, openedAt: .now()))
        counts.connecting += 1
        var event = epoll_event(
            events: EPOLLIN.rawValue | EPOLLOUT.rawValue, data: epoll_data_t(u32: UInt32(truncatingIfNeeded: client)))
        guard epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw .system("watching client \(client)", on: name(client), error: errno)
        }
    }

    /// Writes at once what the socket takes; the rest follows as the server reads.
    mutating func send(_ line: [UInt8], from client: Int) throws(BenchFailure) {
        guard clients[client].unsent.isEmpty else {
            clients[client].unsent.append(contentsOf: line)
            return
        }
        let sent = Glibc.send(clients[client].descriptor, line, line.count, Int32(MSG_NOSIGNAL))
        if sent == line.count { return }
        guard sent >= 0 || errno == EAGAIN else { throw lost(client, SystemError.text(errno)) }
        clients[client].unsent.append(contentsOf: line[max(0, sent)...])
        watchWrites(client, true)
    }

    mutating func send(_ line: String, from client: Int) throws(BenchFailure) {
        try send(Array((line + "\r\n").utf8), from: client)
    }

    /// Waits for sockets until `deadline` at the latest, and serves once each that is ready.
    mutating func turn<Handler: MessageHandler & ~Copyable>(
        until deadline: Moment, _ handler: inout Handler
    ) throws(BenchFailure) {
        let wait = deadline.nanoseconds(since: .now())
        var timeout = timespec(tv_sec: Int(wait / 1_000_000_000), tv_nsec: Int(wait % 1_000_000_000))
        let ready = epoll_pwait2(poller, &events, Int32(events.count), &timeout, nil)
        guard ready >= 0 else {
            if errno == EINTR { return }
            throw .system("waiting for sockets", on: "this machine", error: errno)
        }
        for index in 0..<Int(ready) {
            let event = events[index]
            let client = Int(event.data.u32)
            if event.events & EPOLLOUT.rawValue != 0 { try becameWritable(client) }
            if event.events & ~EPOLLOUT.rawValue != 0 { try read(client, &handler) }
        }
    }

    /// Waits until the server has closed every connection. To be called last, and for clients that have not been served for
    /// some time: what waits for them is read, and forgotten.
    mutating func expectClosed() throws(BenchFailure) {
        let deadline = Moment.now().advanced(by: settings.patience)
        for client in clients.indices {
            while true {
                let count = recv(clients[client].descriptor, buffer.baseAddress, buffer.count, 0)
                if count == 0 || count < 0 && errno == ECONNRESET { break }
                guard count > 0 || errno == EAGAIN || errno == EINTR, Moment.now() < deadline else {
                    throw stalled("the server to close clients that read nothing", client, clients.count)
                }
                if count < 0 { usleep(10_000) }
            }
        }
    }

    /// An error that says what became of a client, in the server's own words if it gave any.
    func lost(_ client: Int, _ cause: String) -> BenchFailure {
        let phase = clients[client].phase == .registered ? "talking to" : "registering with"
        return BenchFailure(
            code: .connectionLost, attempted: "\(phase) the server as client \(client)", target: name(client),
            cause: cause)
    }

    private func name(_ client: Int) -> String { endpoint(of: client).description }

    private mutating func becameWritable(_ client: Int) throws(BenchFailure) {
        if clients[client].phase == .connecting {
            var error: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(clients[client].descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
            guard error == 0 else { throw lost(client, SystemError.text(error)) }
            clients[client].phase = .registering
            watchWrites(client, false)
            try send("NICK \(nick(client))\r\nUSER bench 0 * :roost-bench", from: client)
            return
        }
        let unsent = clients[client].unsent
        let sent = Glibc.send(clients[client].descriptor, unsent, unsent.count, Int32(MSG_NOSIGNAL))
        guard sent >= 0 || errno == EAGAIN else { throw lost(client, SystemError.text(errno)) }
        clients[client].unsent.removeFirst(max(0, sent))
        if clients[client].unsent.isEmpty { watchWrites(client, false) }
    }

    private func watchWrites(_ client: Int, _ isOn: Bool) {
        let mask = isOn ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue
        var event = epoll_event(events: mask, data: epoll_data_t(u32: UInt32(truncatingIfNeeded: client)))
        epoll_ctl(poller, EPOLL_CTL_MOD, clients[client].descriptor, &event)
    }

    private mutating func read<Handler: MessageHandler & ~Copyable>(
        _ client: Int, _ handler: inout Handler
    ) throws(BenchFailure) {
        let descriptor = clients[client].descriptor
        let kept = clients[client].partial.count
        guard kept < buffer.count else { throw lost(client, "it sent a line that does not end") }
        _ = buffer.update(fromContentsOf: clients[client].partial)
        let count = recv(descriptor, buffer.baseAddress.map { $0 + kept }, buffer.count - kept, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            throw lost(client, count == 0 ? "the server closed the connection" : SystemError.text(errno))
        }
        if settings.acknowledgesAtOnce { acknowledge(descriptor) }
        let now = Moment.now()
        // A copy of the pointer, so that the span borrows from it and not from the fleet that the handler changes.
        let filled = UnsafeBufferPointer(rebasing: buffer[..<(kept + count)])
        let bytes = filled.span
        var lines = LineScanner()
        while let range = lines.next(in: bytes) {
            let line = bytes.extracting(range)
            guard let parts = ServerLine(line) else { continue }
            if parts.verb == .privmsg {
                try handler.message(line.extracting(parts.text(in: line)), to: client, at: now, fleet: &self)
            } else {
                try control(line, parts, client)
            }
        }
        if kept > 0 || lines.offset < filled.count {
            clients[client].partial.removeAll(keepingCapacity: true)
            clients[client].partial.append(contentsOf: filled[lines.offset...])
        }
    }

    /// Sends the acknowledgement that TCP would hold back for up to 40 ms. The option lasts for one acknowledgement.
    private func acknowledge(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    mutating func becameRegistered(_ client: Int) {
        guard clients[client].phase == .registering else { return }
        clients[client].phase = .registered
        counts.connecting -= 1
        counts.registered += 1
        handshakes.append(Moment.now().nanoseconds(since: clients[client].openedAt))
    }
}

/// One connection.
struct Client {
    enum Phase { case connecting, registering, registered }

    let descriptor: Int32
    let openedAt: Moment
    var phase = Phase.connecting
    /// The line that has not ended yet.
    var partial: [UInt8] = []
    /// What the socket would not take yet, in order.
    var unsent: [UInt8] = []

    init(descriptor: Int32, openedAt: Moment) {
        self.descriptor = descriptor
        self.openedAt = openedAt
    }
}
