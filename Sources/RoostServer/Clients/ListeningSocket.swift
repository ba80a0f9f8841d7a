// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A port for clients: bound at the node's start, so that a busy port ends the start, and opened when the node can
// serve. Until then connections are refused by the system. All calls that need the C library's address structures are
// here.

import Glibc

/// Why the front end cannot listen.
public struct ClientFrontEndError: Error, Hashable, CustomStringConvertible {
    /// What was attempted.
    public enum Attempt: String, Hashable, Sendable {
        /// Finding the addresses of a name.
        case resolve
        /// Taking the port.
        case bind
        /// Opening it.
        case listen
    }

    /// What was attempted.
    public let attempt: Attempt
    /// On which `HOST:PORT`.
    public let address: String
    /// What the system says.
    public let cause: String

    /// What was attempted, on what, and what came of it.
    public var description: String { "cannot \(attempt.rawValue) \(address): \(cause)" }
}

/// A socket that has its port, and accepts connections once it is opened.
struct ListeningSocket: Sendable {
    /// Numeric, with the port that the system chose where none was asked for.
    let address: PeerAddress
    private let descriptor: CInt

    /// Binds every address of a host, which a name may have several of. Those of a name that this machine lacks are
    /// left out, unless it lacks all.
    static func bind(_ wanted: ClientFrontEndOptions.Address) throws(ClientFrontEndError) -> [ListeningSocket] {
        let text = PeerAddress(host: wanted.host, port: wanted.port).description
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(wanted.host, String(wanted.port), &hints, &list)
        guard status == 0 else {
            throw ClientFrontEndError(attempt: .resolve, address: text, cause: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }

        var sockets: [ListeningSocket] = []
        var missing: ClientFrontEndError?
        var entry = list
        while let info = entry?.pointee {
            switch bind(info) {
            case .success(let socket): sockets.append(socket)
            case .failure(let error):
                let failure = ClientFrontEndError(attempt: .bind, address: text, cause: SystemError.text(error.number))
                guard error.number == EADDRNOTAVAIL || error.number == EAFNOSUPPORT else {
                    for socket in sockets { socket.close() }
                    throw failure
                }
                missing = failure
            }
            entry = info.ai_next
        }
        if sockets.isEmpty, let missing { throw missing }
        return sockets
    }

    /// Opens the port.
    func listen(backlog: Int) throws(ClientFrontEndError) {
        guard Glibc.listen(descriptor, CInt(clamping: backlog)) == 0 else {
            throw ClientFrontEndError(
                attempt: .listen, address: address.description, cause: SystemError.text(errno))
        }
    }

    /// What `accept` gives.
    enum Accepted {
        case connection(CInt, from: PeerAddress)
        /// That one failed, or there is no room for it now; there may be others.
        case failed(CInt)
        /// `stopAccepting` was called.
        case stopped
    }

    /// Waits for a connection.
    func accept() -> Accepted {
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return errno == EINVAL || errno == EBADF ? .stopped : .failed(errno) }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard let address = PeerAddress(connection, getpeername) else {
            Glibc.close(connection)
            return .failed(ENOTCONN)
        }
        return .connection(connection, from: address)
    }

    /// Makes `accept` return, and gives the port free for others to listen on.
    func stopAccepting() { _ = Glibc.shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// Gives up the port. Not before every `accept` has returned.
    func close() { Glibc.close(descriptor) }

    private struct BindError: Error {
        let number: CInt
    }

    private static func bind(_ info: addrinfo) -> Result<ListeningSocket, BindError> {
        let kind = info.ai_socktype | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(info.ai_family, kind, info.ai_protocol)
        guard descriptor >= 0 else { return .failure(BindError(number: errno)) }
        var on: CInt = 1
        let length = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, length)
        // So that 0.0.0.0 and [::] can both be listened on, each for its own kind.
        if info.ai_family == AF_INET6 {
            setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &on, length)
        }
        guard Glibc.bind(descriptor, info.ai_addr, info.ai_addrlen) == 0,
            let address = PeerAddress(descriptor, getsockname)
        else {
            let number = errno
            Glibc.close(descriptor)
            return .failure(BindError(number: number))
        }
        return .success(ListeningSocket(address: address, descriptor: descriptor))
    }
}

/// One end of a connection, numeric.
struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address that `getpeername` or `getsockname` gives; nil where there is none.
    init?(_ descriptor: CInt, _ query: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt)
    {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        // `sockaddr_storage` is as large as any address, and may be read as the kind that it holds.
        let isKnown = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                query(descriptor, address, &length) == 0
                    && getnameinfo(
                        address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0
            }
        }
        guard isKnown, let number = Int(Self.text(port)) else { return nil }
        self.init(host: Self.text(host), port: number)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
