// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One client's way out: gathers what it is sent in a loop turn and writes it at once. While the kernel takes everything
// the bytes go straight to the socket; what it does not take goes to the channel's own queue, and nothing is written
// past that queue until it is empty, so bytes cannot overtake each other.

/// What became of bytes offered to the kernel.
enum SendResult: Equatable, Sendable {
    /// It took so many of them, possibly fewer than offered.
    case took(Int)
    /// It takes none at the moment, or there is no way to ask it.
    case wouldBlock
    /// The connection is broken; the system's error number.
    case failed(Int32)
}

/// What became of gathered bytes.
enum FlushResult: Equatable, Sendable {
    /// There were none, or an earlier rest still blocks the way.
    case nothing
    /// The kernel has them all.
    case written(Int)
    /// The kernel has `written` of them. The rest is to be handed to the channel, which answers with `restWasWritten`.
    case rest([UInt8], written: Int)
    /// The connection is broken; the system's error number.
    case failed(Int32)
}

/// Bytes on their way to one client.
struct ClientOutput: Sendable {
    /// What was gathered since the last flush.
    private(set) var gathered: [UInt8] = []
    /// Bytes that the channel's queue holds. While there are any, nothing else is written.
    private(set) var pendingBytes = 0

    /// All bytes that the client has not been sent.
    var queuedBytes: Int { gathered.count + pendingBytes }

    /// Adds bytes behind all that were added before.
    @inline(__always)
    mutating func append(_ bytes: [UInt8]) {
        gathered.append(contentsOf: bytes)
    }

    /// Writes what was gathered, if nothing is in the way.
    ///
    /// - Parameter send: offers bytes to the kernel.
    mutating func flush(_ send: (Span<UInt8>) -> SendResult) -> FlushResult {
        guard pendingBytes == 0, !gathered.isEmpty else { return .nothing }
        let written: Int
        switch send(gathered.span) {
        case .failed(let error): return .failed(error)
        case .wouldBlock: written = 0
        case .took(let count): written = count
        }
        if written == gathered.count {
            gathered.removeAll(keepingCapacity: true)
            return .written(written)
        }
        let rest = Array(gathered[written...])
        pendingBytes = rest.count
        gathered = []
        return .rest(rest, written: written)
    }

    /// The channel has written the rest that it was handed.
    mutating func restWasWritten() {
        pendingBytes = 0
    }

    /// Forgets what was gathered: the client is not to be told any more.
    mutating func discard() {
        gathered = []
    }

    /// Gives back memory that a quiet client does not need.
    mutating func trim() {
        if gathered.isEmpty { gathered = [] }
    }
}
