// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Messages own their bytes: they survive being moved, lend large arrays instead of copying them, and give them back.

import Testing
import ZeroMQ

@Suite struct MessageTests {
    private final class Shelf {
        var message = Message()
    }

    @Test(arguments: [0, 1, 29, 33, 34, 1023, 1024, 100_000])
    func theBytesSurviveEveryMove(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let message = Message(bytes)
        let shelf = Shelf()
        shelf.message = message
        #expect(shelf.message.count == count)
        #expect(shelf.message.bytes == bytes)
        bytes.withUnsafeBytes { buffer in
            let copy = Message(copying: buffer)
            #expect(copy.bytes == bytes)
        }
        let filled = Message(count: count) { $0.copyBytes(from: bytes) }
        #expect(filled.bytes == bytes)
        #expect(filled.hasMore == false)
    }

    @Test func aLargeArrayIsLentAndGivenBack() throws {
        var bytes = [UInt8](repeating: 7, count: 4096)
        let home = address(of: bytes)
        do {
            let context = try Context()
            let left = try Socket(.pair, in: context, options: patient)
            let right = try Socket(.pair, in: context, options: patient)
            try left.bind("inproc://loan")
            try right.connect("inproc://loan")
            var message = Message(bytes)
            #expect(message.withUnsafeBytes { $0.baseAddress } == home)
            #expect(try left.send(&message))
            guard let received = try right.receive(blocking: true) else {
                Issue.record("the message is gone")
                return
            }
            #expect(received.withUnsafeBytes { $0.baseAddress } == home)
        }
        // Still shared with the message, the array would have to move to be changed.
        bytes[0] = 1
        #expect(address(of: bytes) == home)
    }

    @Test func aLentArrayCanBeChangedWithoutChangingTheMessage() {
        var bytes = [UInt8](repeating: 7, count: 4096)
        let message = Message(bytes)
        bytes[0] = 1
        #expect(message.bytes == [UInt8](repeating: 7, count: 4096))
    }

    @Test func oneMessageReachesManySubscribers() throws {
        let context = try Context()
        var options = patient
        options.xpubVerbose = true
        let publisher = try Socket(.xpub, in: context, options: options)
        let endpoint = try publisher.bind("tcp://127.0.0.1:*")
        let first = try Socket(.sub, in: context, options: patient)
        let second = try Socket(.sub, in: context, options: patient)
        try first.connect(endpoint)
        try second.connect(endpoint)
        try first.subscribe(toPrefix: "E".utf8)
        try second.subscribe(toPrefix: "E".utf8)
        for _ in 0..<2 { #expect(try publisher.receiveParts(blocking: true) == [[1] + bytes("E")]) }
        for round in 0..<50 {
            let body = [UInt8](repeating: UInt8(round), count: 16_384)
            #expect(try publisher.send([bytes("E"), body]))
            #expect(try first.receiveParts(blocking: true) == [bytes("E"), body])
            #expect(try second.receiveParts(blocking: true) == [bytes("E"), body])
        }
    }

    private func address(of bytes: [UInt8]) -> UnsafeRawPointer? {
        bytes.withUnsafeBytes { $0.baseAddress }
    }
}
