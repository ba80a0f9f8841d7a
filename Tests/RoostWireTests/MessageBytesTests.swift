// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Messages, which are written by hand, have the bytes that the generated code gives them, over seeds.

import RoostModel
import RoostRoster
import SwiftProtobuf
import Testing

@testable import RoostWire

@Suite struct MessageBytesTests {
    @Test func messagesAreWrittenAsTheGeneratedCodeWritesThem() throws {
        var count = 0
        for seed in 0..<2_000 {
            var random = RandomValues(seed: UInt64(seed))
            for event in random.eventFrame().events {
                guard case .messageSent(let message) = event.body else { continue }
                var ids = IDWriter(own: event.id.life)
                let bytes = message.encoded(&ids)
                let generated: [UInt8] = try WireMessage(serializedBytes: bytes).serializedBytes()
                #expect(bytes == generated, "seed \(seed)")
                count += 1
            }
        }
        #expect(count > 100)
    }
}
