// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node for tests whose every line is written by the test itself: it listens on a free port of 127.0.0.1, and the test
// says what to expect and what to send. Every wait has a deadline.

import Glibc
import Testing

/// How long a test waits for what must happen.
let patience: Int = 20

/// What did not happen in time.
struct NotInTime: Error, CustomStringConvertible {
    var description: String
}

/// A listening socket, and the client it accepted last.
final class ScriptedNode {
    let port: UInt16
    private var listener: Int32
    private var client: Int32 = -1
    private var unread: [UInt8] = []

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        die()
    }

    var address: String { "127.0.0.1:\(port)" }

    /// Accepts the next client.
    func accept() throws {
        try waitUntilReadable(listener, "a client at \(address)")
        client = Glibc.accept(listener, nil, nil)
        try #require(client >= 0)
        unread = []
    }

    /// Accepts a client, registers it, and answers its first barrier; `joins` are the channels it must ask for.
    func welcome(_ nick: String, joins: [String] = []) throws {
        try accept()
        try expect("CAP LS 302")
        try expect("NICK \(nick)")
        try expect(prefix: "USER ")
        send(":irc CAP * LS :echo-message server-time sasl")
        try expect("CAP REQ :echo-message server-time")
        send(":irc CAP * ACK :echo-message server-time")
        try expect("CAP END")
        send(":irc 001 \(nick) :Welcome", ":\(nick)!u@h JOIN #lobby")
        for channel in joins {
            try expect("JOIN \(channel)")
            send(":\(nick)!u@h JOIN \(channel)")
        }
        try answerBarrier()
    }

    func answerBarrier() throws {
        let ping = try expect(prefix: "PING ")
        send(":irc PONG irc \(ping.dropFirst("PING ".count))")
    }

    func send(_ lines: String...) {
        let bytes = Array(lines.map { $0 + "\r\n" }.joined().utf8)
        #expect(Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    func expect(_ line: String) throws {
        #expect(try nextLine() == line)
    }

    @discardableResult
    func expect(prefix: String) throws -> String {
        let line = try nextLine()
        #expect(line.hasPrefix(prefix), "got \(line)")
        return line
    }

    /// Expects that the client closes its connection.
    func expectEnd() throws {
        try waitUntilReadable(client, "the end of the connection")
        var byte: UInt8 = 0
        #expect(recv(client, &byte, 1, 0) == 0)
        hangUp()
    }

    /// Ends the connection.
    func hangUp() {
        if client >= 0 { close(client) }
        client = -1
    }

    /// Ends the connection and listens no more.
    func die() {
        hangUp()
        if listener >= 0 { close(listener) }
        listener = -1
    }

    private func nextLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = unread[..<end]
                unread.removeFirst(end + 1)
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            try waitUntilReadable(client, "a line of the client")
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { throw NotInTime(description: "the client hung up; unread: \(unread)") }
            unread += buffer.prefix(count)
        }
    }
}

/// Waits for bytes, or for the end.
func waitUntilReadable(_ descriptor: Int32, _ what: String) throws {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, Int32(patience * 1_000)) > 0 else { throw NotInTime(description: "no \(what) in time") }
}
