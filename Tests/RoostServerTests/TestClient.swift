// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A client for tests: a blocking socket with a deadline on everything, and no cleverness.

import Dispatch
import Glibc
import Testing

/// A connection to 127.0.0.1.
///
/// Used by one thread at a time, which a test sees to.
final class TestClient: @unchecked Sendable {
    enum Failure: Error {
        case cannotConnect(CInt)
        case timedOut(waitingFor: String)
        case closed(waitingFor: String)
    }

    private let descriptor: CInt
    private var unread: [UInt8] = []
    let localPort: Int

    /// - Parameter receiveBuffer: the kernel's buffer, in bytes, for clients that are to be slow.
    init(port: Int, receiveBuffer: CInt? = nil) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard status == 0 else {
            close(descriptor)
            throw Failure.cannotConnect(errno)
        }
        var local = sockaddr_in()
        var localSize = size
        _ = withUnsafeMutablePointer(to: &local) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &localSize) }
        }
        localPort = Int(in_port_t(bigEndian: local.sin_port))
    }

    deinit { close(descriptor) }

    /// Registers, and waits until that is done.
    func register(_ nick: String) throws {
        send("NICK \(nick)\r\n")
        try expect("WELCOME \(nick)")
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            // A peer that has closed shows in what is read.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends as much as goes without waiting.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    /// The next line, without its end.
    func line(within seconds: Double = 60) throws -> String {
        let deadline = now() + seconds
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeSubrange(...end)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard try receive(until: deadline, waitingFor: "a line") else {
                throw Failure.closed(waitingFor: "a line")
            }
        }
    }

    func expect(_ wanted: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let got = try line()
        #expect(got == wanted, sourceLocation: sourceLocation)
    }

    /// All that comes until the other side closes.
    func rest(within seconds: Double = 60) throws -> String {
        let deadline = now() + seconds
        while try receive(until: deadline, waitingFor: "the end") {}
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
    }

    private func receive(until deadline: Double, waitingFor what: String) throws -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let wait = max(0, deadline - now())
        guard poll(&poller, 1, CInt(wait * 1_000)) > 0 else { throw Failure.timedOut(waitingFor: what) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        unread.append(contentsOf: bytes.prefix(count))
        return true
    }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Waits for a condition, and fails the test if it does not come true in time.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not in time: \(what)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Runs what blocks away from the threads that the asynchronous parts of a test need.
func offPool<Answer: Sendable>(_ body: @escaping @Sendable () throws -> Answer) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
