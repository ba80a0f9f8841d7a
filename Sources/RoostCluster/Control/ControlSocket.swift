// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The Unix-domain socket in a cluster's directory through which other terminals reach its supervisor.

import Foundation
import Glibc

/// A listening or connected `control.sock`.
enum ControlSocket {
    static func path(in directory: String) -> String { "\(directory)/control.sock" }

    /// Listens in a directory whose lock is held, and puts every request into the mailbox. The thread ends when
    /// `close` is called with the descriptor that is returned.
    static func listen(in directory: String, mailbox: Mailbox) throws(ClusterFailure) -> Int32 {
        let path = path(in: directory)
        unlink(path)
        let listener = try open(path) { bind($0, $1, $2) == 0 && Glibc.listen($0, 16) == 0 }
        let thread = Thread { serve(listener, mailbox) }
        thread.name = "control"
        thread.start()
        return listener
    }

    static func close(_ listener: Int32, in directory: String) {
        unlink(path(in: directory))
        // Wakes the thread that waits in accept, which then closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// A connection to the supervisor of a directory; nil when there is none.
    static func connect(to directory: String) throws(ClusterFailure) -> Int32? {
        let path = path(in: directory)
        guard access(path, F_OK) == 0 else { return nil }
        var isRefused = false
        do {
            return try open(path) { descriptor, address, length in
                let isConnected = Glibc.connect(descriptor, address, length) == 0
                isRefused = !isConnected && errno == ECONNREFUSED
                return isConnected
            }
        } catch {
            if isRefused { return nil }
            throw error
        }
    }

    private static func serve(_ listener: Int32, _ mailbox: Mailbox) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            // Requests come from our own command, which sends its line at once.
            var limit = timeval(tv_sec: 2, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            guard let request = ControlLine.read(ControlRequest.self, from: connection) else {
                Glibc.close(connection)
                continue
            }
            mailbox.put(
                .request(request) { reply in
                    ControlLine.write(reply, to: connection)
                    Glibc.close(connection)
                })
        }
        Glibc.close(listener)
    }

    private static func open(
        _ path: String, _ prepare: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws(ClusterFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else {
            throw ClusterFailure(.system, "\(path): too long for a socket (\(room) bytes); choose a shorter --dir")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw failure(path) }
        let isReady = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                prepare(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard isReady else {
            defer { Glibc.close(descriptor) }
            throw failure(path)
        }
        return descriptor
    }

    private static func failure(_ path: String) -> ClusterFailure {
        ClusterFailure(.system, "\(path): \(String(cString: strerror(errno))); choose another --dir")
    }
}
