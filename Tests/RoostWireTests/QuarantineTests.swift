// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An event that cannot be read is set aside, alone: the others of its frame are read, and the stream goes on.

import RoostModel
import RoostRoster
import SwiftProtobuf
import Testing

@testable import RoostWire

struct QuarantineTests {
    private let faults = RefusalTests()

    @Test func anEventThatCannotBeReadSpoilsNoOther() throws {
        let good = faults.event(.message, faults.message())
        let bad = faults.event(.message, faults.message { $0.text = "a\rb" })
        let bytes = faults.frame(event: good + bad + good, first: 5)
        let frame = try EventFrame(decoding: bytes.span.bytes)
        #expect(frame.events.map(\.id.sequence) == [5, 6, 7])
        guard case .quarantined(let reason) = frame.events[1].body else {
            Issue.record("accepted: \(frame.events[1])")
            return
        }
        #expect(reason.hasPrefix("message.text:"))
        for index in [0, 2] {
            guard case .messageSent(let message) = frame.events[index].body else {
                Issue.record("not read: \(frame.events[index])")
                return
            }
            #expect(message.text == "hello")
        }
    }

    @Test func aKindThatMustBeKnownAndIsNotIsSetAside() throws {
        var event: [UInt8] = [63, 0]
        event.append(delimited: [])
        let bytes = faults.frame(event: event)
        let frame = try EventFrame(decoding: bytes.span.bytes)
        guard case .quarantined = frame.events[0].body else {
            Issue.record("accepted: \(frame.events[0])")
            return
        }
    }

    @Test func whatWasSetAsideIsSetAsideByWhoeverIsSentItAgain() throws {
        let event = Event(
            id: EventID(node: RandomValues.node1, epoch: Epoch(7), sequence: 1), time: HybridTime(rawValue: 9),
            body: .quarantined(reason: "of no use"))
        let bytes = EventFrame(header: RefusalTests.header, events: [event]).encoded()
        let again = try EventFrame(decoding: bytes.span.bytes)
        guard case .quarantined = again.events[0].body else {
            Issue.record("accepted: \(again.events[0])")
            return
        }
    }

    /// A peer's reason of two lines would be two lines of our log.
    @Test func noReasonIsOfTwoLines() throws {
        let event = Event(
            id: EventID(node: RandomValues.node1, epoch: Epoch(7), sequence: 1), time: HybridTime(rawValue: 9),
            body: .quarantined(reason: "of no use\n[error] of our own making"))
        let bytes = EventFrame(header: RefusalTests.header, events: [event]).encoded()
        let again = try EventFrame(decoding: bytes.span.bytes)
        guard case .quarantined(let reason) = again.events[0].body else {
            Issue.record("accepted: \(again.events[0])")
            return
        }
        #expect(!reason.contains("\n") && !reason.contains("making"))
    }
}
