// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Waits for connections to one port, on a thread of its own, so that newcomers are taken in at once however busy the
// clients' threads are.

import Glibc

/// Takes in the connections to one port.
struct Acceptor: Sendable {
    let socket: ListeningSocket
    let ledger: AdmissionLedger
    /// Called for each connection turned away.
    let refused: @Sendable (_ host: String, _ reason: String) -> Void
    /// Takes over each connection's descriptor, and sees that the ledger learns of its end.
    let connected: @Sendable (CInt, PeerAddress) -> Void

    /// How long to wait where the process has no descriptor left. Meanwhile connections wait in the backlog.
    private static let patienceMicroseconds: UInt32 = 50_000

    /// Accepts until the socket is stopped, and closes it.
    func run() {
        ThreadName.set("accept \(socket.address.port)")
        while true {
            switch socket.accept() {
            case .stopped: return socket.close()
            case .failed(let error):
                if error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM {
                    usleep(Self.patienceMicroseconds)
                }
            case .connection(let descriptor, let address):
                if let reason = ledger.enter(from: address.host) {
                    turnAway(descriptor, address, reason)
                } else {
                    connected(descriptor, address)
                }
            }
        }
    }

    private func turnAway(_ descriptor: CInt, _ address: PeerAddress, _ reason: String) {
        let line = Array("ERROR :Closing Link: \(address.host) (\(reason))\r\n".utf8)
        let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
        // A new socket's buffer has room for a line. Where the client has gone already there is nobody to tell.
        _ = send(descriptor, line, line.count, flags)
        _ = shutdown(descriptor, CInt(SHUT_WR))
        // Bytes left unread would turn the close into a reset, at which some systems throw away the line above.
        var unread = [UInt8](repeating: 0, count: 2_048)
        while recv(descriptor, &unread, unread.count, flags) > 0 {}
        close(descriptor)
        refused(address.host, reason)
    }
}

/// Names threads, for those who look at the process from outside.
enum ThreadName {
    /// The system's limit.
    static let bytesMax = 15

    /// Names the calling thread. What is over the limit is cut off.
    static func set(_ name: String) {
        // The Glibc module lacks pthread_setname_np. A thread without its name works as well, so failures are ignored.
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let bytes = Array(name.utf8.prefix(bytesMax))
        _ = write(file, bytes, bytes.count)
        close(file)
    }

    /// The name of a client's own thread: `c:` and as much as fits of the end of its address.
    static func client(_ address: PeerAddress) -> String {
        "c:" + address.description.suffix(bytesMax - 2)
    }
}
