// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Events that are kept for long and seldom looked at: in the bytes in which they cross, which are a third of what they
// take as values.

import RoostModel
import RoostRoster

/// A run of events of one life, packed.
public struct PackedEvents: Sendable {
    private let header: FrameHeader
    private let bytes: [UInt8]

    /// Packs events that could be sent: one at least, of one life, their numbers in a row, none of them quarantined.
    public init(_ events: [Event]) {
        guard let first = events.first else { preconditionFailure("there are no events to pack") }
        header = FrameHeader(cluster: "", node: first.id.node, epoch: first.id.epoch, time: first.time)
        bytes = RunWriter.run(of: events, of: first.id.life, in: header)
    }

    /// How many bytes they take.
    public var byteCount: Int { bytes.count }

    /// The events as they were.
    public var events: [Event] {
        do {
            return try readRun(bytes.span.bytes, from: Cursor(), in: header).events
        } catch {
            preconditionFailure("events that were packed cannot be unpacked: \(error)")
        }
    }
}
