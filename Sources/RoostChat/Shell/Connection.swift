// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One TCP connection to a node: made without waiting, read into lines, written as far as the kernel takes it.

import Glibc

/// A socket that never blocks. Names are resolved when it is made, which can take as long as the resolver takes.
final class Connection {
    enum Progress: Equatable {
        case underWay
        case connected
        case failed(String)
    }

    /// What came: lines, and the reason if it was the end.
    struct Arrival {
        var lines: [[UInt8]] = []
        var end: String?
    }

    /// More than this unsent means that the node does not read; the connection is given up.
    static let outgoingBytesMax = 1 << 20
    /// The longest line we take: all tags a server may send, and a body well over the 512 bytes of the specification.
    static let lineBytesMax = 16_384

    private(set) var descriptor: Int32 = -1
    private(set) var isConnected = false
    private(set) var outgoing: [UInt8] = []
    private var candidates: [SocketAddress]
    private var incoming = LineSplitter(bytesMax: lineBytesMax)
    private var lastError = "it has no address"

    /// Resolves the address and begins to connect; `progress()` tells how that goes.
    init(to address: ChatAddress) {
        switch SocketAddress.resolve(address) {
        case .success(let found):
            candidates = found
        case .failure(let failure):
            candidates = []
            lastError = failure.reason
        }
        beginNext()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What `poll` should look for.
    var wantedEvents: Int16 {
        isConnected ? Int16(POLLIN) | (outgoing.isEmpty ? 0 : Int16(POLLOUT)) : Int16(POLLOUT)
    }

    /// How connecting goes. To be asked at the start and whenever the descriptor is writable or has an error.
    func progress() -> Progress {
        guard descriptor >= 0 else { return .failed(lastError) }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 0) > 0 else { return .underWay }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        if code == 0 {
            isConnected = true
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            return .connected
        }
        lastError = SystemError.text(code)
        beginNext()
        return descriptor >= 0 ? .underWay : .failed(lastError)
    }

    /// Reads what is there.
    func receive() -> Arrival {
        var arrival = Arrival()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            incoming.append(buffer.prefix(count))
            while let line = incoming.next() { arrival.lines.append(Array(line)) }
        } else if count == 0 {
            arrival.end = "it closed the connection"
        } else if errno != EAGAIN, errno != EINTR {
            arrival.end = SystemError.text()
        }
        return arrival
    }

    /// Queues bytes and sends what the kernel takes at once.
    func send(_ bytes: [UInt8]) {
        guard outgoing.count < Self.outgoingBytesMax else { return }
        outgoing += bytes
        flush()
    }

    /// Whether the node has stopped reading.
    var isStuck: Bool { outgoing.count >= Self.outgoingBytesMax }

    /// Sends what is queued, as far as the kernel takes it. An error shows at the next `receive()`.
    func flush() {
        while !outgoing.isEmpty {
            let count = Glibc.send(descriptor, outgoing, outgoing.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            outgoing.removeFirst(count)
        }
    }

    /// Tries the next address that the name stands for, until one can be begun with.
    private func beginNext() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        while !candidates.isEmpty {
            let candidate = candidates.removeFirst()
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            descriptor = socket(candidate.family, type, 0)
            if descriptor >= 0 {
                if candidate.connect(descriptor) || errno == EINPROGRESS { return }
                lastError = SystemError.text()
                close(descriptor)
                descriptor = -1
            } else {
                lastError = SystemError.text()
            }
        }
    }
}

/// A resolved address, ready for `connect`.
struct SocketAddress {
    struct Failure: Error {
        var reason: String
    }

    let family: Int32
    private let storage: sockaddr_storage
    private let length: socklen_t

    /// All addresses that a host and port stand for. The pointers that the resolver gives do not outlive this call.
    static func resolve(_ address: ChatAddress) -> Result<[SocketAddress], Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &list)
        guard code == 0 else {
            return .failure(Failure(reason: String(cString: gai_strerror(code))))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let source = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
                continue
            }
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(entry.ai_addrlen)))
            }
            found.append(SocketAddress(family: entry.ai_family, storage: storage, length: entry.ai_addrlen))
        }
        return .success(found)
    }

    /// Begins to connect a socket; false with `errno` set if that did not succeed at once.
    func connect(_ descriptor: Int32) -> Bool {
        var storage = storage
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length) == 0
            }
        }
    }
}
