// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The one place that writes to a socket past SwiftNIO. A `send` of our own per client and turn costs half of what the
// channel pipeline's write costs.

import Glibc
import NIOCore

/// The descriptor of a client's plaintext connection.
///
/// Only valid while its channel is open: it is used on the channel's event loop only, and the loop forgets it in
/// `channelInactive`, which SwiftNIO calls in the same turn in which it closes the descriptor.
struct DirectSocket: Sendable {
    private let descriptor: CInt

    /// The channel's descriptor; nil where the channel has none of its own or transforms what is written to it.
    init?(of channel: any Channel) {
        var found: CInt?
        do {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                found = $0
            }
        } catch {
            // The channel is closed already, which its handler is about to learn.
            return nil
        }
        guard let found else { return nil }
        descriptor = found
    }

    /// Offers bytes to the kernel, without waiting.
    func send(_ bytes: Span<UInt8>) -> SendResult {
        // The pointer does not outlive the call, and `send` reads `count` bytes of it at most.
        let count = bytes.withUnsafeBufferPointer {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if count >= 0 { return .took(count) }
        switch errno {
        case EAGAIN, EINTR, ENOBUFS: return .wouldBlock
        default: return .failed(errno)
        }
    }
}
