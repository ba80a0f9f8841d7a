// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Asks the kernel of another machine whether anything listens on a port. libzmq tells that a connection broke and not
// why; where the process behind it is gone its port refuses, and then there is nothing to wait for (DESIGN §8).

import Glibc
import RoostModel

/// One attempt to connect, which never blocks. Its descriptor becomes writable when the answer is there.
final class PortProbe {
    /// Without an answer by then the port does not refuse: its machine is slow, unreachable, or stopped.
    static let patience = Duration.seconds(1)

    /// For a `Poller`, which must forget it before this object is let go of. Nil where the answer was there at once.
    let descriptor: Int32?
    /// When `isRefused` is to be read, whatever has happened by then.
    let deadline: Instant
    private let refusedAtOnce: Bool

    /// Begins to connect.
    init(_ address: NumericAddress, at now: Instant) {
        deadline = now + Self.patience
        let (descriptor, error) = address.withSocketAddress { family, pointer, length -> (Int32?, Int32) in
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(family, kind, 0)
            guard descriptor >= 0 else { return (nil, errno) }
            if connect(descriptor, pointer, length) == 0 { return (descriptor, 0) }
            let error = errno
            if error == EINPROGRESS { return (descriptor, 0) }
            close(descriptor)
            return (nil, error)
        }
        self.descriptor = descriptor
        refusedAtOnce = error == ECONNREFUSED
    }

    deinit {
        if let descriptor { close(descriptor) }
    }

    /// Whether the port refuses. To be read when the descriptor is ready, or at the deadline; everything but a refusal
    /// is none: a connection, a timeout, an unreachable network, no descriptor left here.
    var isRefused: Bool {
        guard let descriptor else { return refusedAtOnce }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == ECONNREFUSED
    }
}

/// Attempts in a row at one port. The system closes the connections of a process that dies in no order that helps: its
/// port may stand open for a moment after they broke. So a port that is open is asked again for a while.
struct ProbeSeries {
    /// The time between two attempts.
    static let interval = Duration.milliseconds(50)

    private let address: NumericAddress
    private let until: Instant
    /// The attempt under way; nil between two.
    private(set) var probe: PortProbe?
    /// When the next is due, while none is under way.
    private(set) var nextAt: Instant

    /// A series that begins then, and ends after the patience for one attempt.
    init(_ address: NumericAddress, at now: Instant) {
        self.address = address
        until = now + PortProbe.patience
        nextAt = now
    }

    /// Begins an attempt.
    mutating func begin(at now: Instant) -> PortProbe {
        let probe = PortProbe(address, at: now)
        self.probe = probe
        return probe
    }

    /// Ends the attempt under way: whether the port refuses, or nil where it is to be asked again. It is not where a
    /// connection stands by now.
    mutating func end(at now: Instant, isConnected: Bool) -> Bool? {
        let isRefused = probe?.isRefused ?? false
        probe = nil
        nextAt = now + Self.interval
        return isRefused || isConnected || nextAt >= until ? isRefused : nil
    }
}
