// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An IRC client that a test drives line by line.

import Foundation
import Glibc
import RoostIRC
import Testing

/// A connection to a node on loopback. Lines are kept as they came; patterns match a whole line, with `*` for any run
/// of characters and `?` for one.
@ProcessThread
final class TestClient {
    /// The nick, or what it is called in failures.
    nonisolated let name: String
    private nonisolated let descriptor: CInt
    private var partial: [UInt8] = []
    /// All that came, oldest first.
    private(set) var lines: [String] = []
    /// Lines before this one were looked at.
    private var cursor = 0
    /// Whether the other side has closed.
    private(set) var isClosed = false

    /// Connects.
    ///
    /// - Parameter receiveBuffer: the kernel's buffer in bytes, for a client that is to be slow.
    init(_ name: String, to address: SocketAddress, receiveBuffer: CInt? = nil) throws {
        self.name = name
        descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<CInt>.size))
        }
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        let descriptor = descriptor
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            let reason = errno
            throw SystemFailure(what: "connect \(name)", number: reason)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Closes without a word, as a client does that crashes.
    func drop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
        isClosed = true
    }

    /// Our port of the connection.
    var localPort: Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    // MARK: Saying

    /// Sends lines, in one piece.
    func send(_ lines: String...) { sendAll(lines) }

    /// Sends lines, in one piece.
    func sendAll(_ lines: [String]) {
        send(bytes: Array(lines.map { $0 + "\r\n" }.joined().utf8))
    }

    /// Sends bytes as they are.
    func send(bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            // A side that has closed shows in what is read.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends NICK and USER, with capabilities where some are named.
    func introduce(nick: String? = nil, user: String? = nil, capabilities: String = "") {
        let nick = nick ?? name
        if !capabilities.isEmpty { send("CAP REQ :\(capabilities)", "CAP END") }
        send("NICK \(nick)", "USER \(user ?? nick) 0 * :Real \(nick)")
    }

    /// Introduces itself, and waits for the end of the welcome.
    func register(
        user: String? = nil, capabilities: String = "", at location: SourceLocation = #_sourceLocation
    ) throws {
        introduce(user: user, capabilities: capabilities)
        try expect("* 001 \(name) *", at: location)
        try expect("* 422 *", or: "* 376 *", at: location)
    }

    // MARK: Hearing

    /// The next line that matches; lines before it are passed over.
    @discardableResult
    func expect(
        _ pattern: String, or other: String? = nil, within limit: Duration = Deadline.patience,
        at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let globs = [pattern, other].compactMap { $0 }.map { Glob($0) }
        let deadline = Deadline(after: limit)
        while true {
            while cursor < lines.count {
                cursor += 1
                if globs.contains(where: { $0.matches(lines[cursor - 1]) }) { return lines[cursor - 1] }
            }
            if isClosed || deadline.hasPassed {
                let how = isClosed ? "was closed" : "heard nothing for \(limit)"
                throw Failure("\(name) waits for \(pattern) and \(how)\n\(recently)", at: location)
            }
            receive(until: deadline)
        }
    }

    /// Waits until some line matches, before or after those that were looked at.
    func expectSometime(
        _ pattern: String, within limit: Duration = Deadline.patience, at location: SourceLocation = #_sourceLocation
    ) throws {
        try Self.receive(by: [self], within: limit, until: pattern, at: location) { !$0.all(pattern).isEmpty }
    }

    /// Waits until everything is here that the node has sent so far.
    func catchUp(at location: SourceLocation = #_sourceLocation) throws {
        let token = "sync-\(UUID().uuidString.prefix(12))"
        send("PING \(token)")
        try expect("* PONG *\(token)", at: location)
    }

    /// Waits until the other side closes, and gives the last line.
    func expectEnd(
        within limit: Duration = Deadline.patience, at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let deadline = Deadline(after: limit)
        while !isClosed {
            if deadline.hasPassed { throw Failure("\(name) is not closed\n\(recently)", at: location) }
            receive(until: deadline)
        }
        return lines.last ?? ""
    }

    /// The lines so far that match.
    func all(_ pattern: String) -> [String] {
        let glob = Glob(pattern)
        return lines.filter { glob.matches($0) }
    }

    /// The trailing parameters of the lines so far that match.
    func texts(_ pattern: String) -> [String] {
        all(pattern).compactMap { line in line.range(of: " :").map { String(line[$0.upperBound...]) } }
    }

    /// The nicks in a channel, without their signs, as NAMES tells.
    func names(_ channel: String, at location: SourceLocation = #_sourceLocation) throws -> Set<String> {
        try catchUp(at: location)
        let start = lines.count
        send("NAMES \(channel)")
        try expect("* 366 * \(channel) *", at: location)
        let glob = Glob("* 353 * \(channel) :*")
        let replies = lines[start...].filter { glob.matches($0) }
        let nicks = replies.flatMap { $0.split(separator: " :", maxSplits: 1).last?.split(separator: " ") ?? [] }
        return Set(nicks.map { String($0.drop { "~&@%+".contains($0) }) })
    }

    /// Reads what is there, and waits for something until the deadline.
    func receive(until deadline: Deadline) {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&poller, 1, deadline.milliseconds) > 0 { read() }
    }

    /// Reads on many connections at once, until a condition holds for each.
    static func receive(
        by clients: [TestClient], within limit: Duration = Deadline.patience, until what: String,
        at location: SourceLocation = #_sourceLocation, _ isDone: (TestClient) -> Bool
    ) throws {
        let deadline = Deadline(after: limit)
        var waiting = clients.filter { !isDone($0) }
        while !waiting.isEmpty {
            if deadline.hasPassed || waiting.contains(where: \.isClosed) {
                let first = waiting.first(where: \.isClosed) ?? waiting[0]
                throw Failure(
                    "\(waiting.count) of \(clients.count) wait for: \(what), as \(first.name)\n\(first.recently)",
                    at: location)
            }
            var pollers = waiting.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&pollers, nfds_t(pollers.count), deadline.milliseconds) > 0 else { continue }
            for (client, poller) in zip(waiting, pollers) where poller.revents != 0 { client.read() }
            waiting.removeAll(where: isDone)
        }
    }

    private func read() {
        let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { partial.append(contentsOf: buffer[..<count]) }
            return count
        }
        guard count > 0 else {
            isClosed = true
            return
        }
        var start = 0
        while let end = partial[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = partial[start..<end]
            lines.append(String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self))
            start = end + 1
        }
        partial.removeFirst(start)
    }

    /// The last of what it heard, for failures.
    private var recently: String {
        let last = lines.suffix(30)
        return "it heard \(lines.count) lines, the last of them:\n" + last.map { "  \($0)\n" }.joined()
    }
}
