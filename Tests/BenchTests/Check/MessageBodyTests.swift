// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: a text names its sender and sequence, and anything that differs in a single byte is not taken for one.

import Testing

@testable import roost_bench

struct MessageBodyTests {
    private func text(_ sender: Int, _ sequence: UInt32, length: Int) -> [UInt8] {
        var body = MessageBody(length: length)
        var line: [UInt8] = []
        body.append(sender: sender, sequence: sequence, to: &line)
        return line
    }

    private func parse(_ text: [UInt8], as body: MessageBody) -> (sender: Int, sequence: UInt32)? {
        body.parse(text.span)
    }

    @Test(arguments: [MessageBody.shortest, 60, 350])
    func whatIsWrittenIsRead(length: Int) {
        let body = MessageBody(length: length)
        for (sender, sequence) in [(0, 0), (1, 255), (0xff_ffff, UInt32.max), (4_999, 1_234_567)] as [(Int, UInt32)] {
            let text = text(sender, sequence, length: length)
            #expect(text.count == length)
            let read = parse(text, as: body)
            #expect(read?.sender == sender)
            #expect(read?.sequence == sequence)
        }
    }

    @Test func aChangedByteNeverReadsAsTheSameMessage() {
        let body = MessageBody(length: 60)
        let good = text(17, 99, length: 60)
        for offset in good.indices {
            for change in [0x01, 0x20, 0x80] as [UInt8] {
                var bad = good
                bad[offset] ^= change
                let read = parse(bad, as: body)
                #expect(read?.sender != 17 || read?.sequence != 99, "byte \(offset)")
            }
        }
    }

    @Test func aCutOrGrownTextIsRefused() {
        let body = MessageBody(length: 60)
        let good = text(17, 99, length: 60)
        for count in 0..<60 { #expect(parse(Array(good[..<count]), as: body) == nil) }
        #expect(parse(good + [UInt8(ascii: "x")], as: body) == nil)
    }
}
