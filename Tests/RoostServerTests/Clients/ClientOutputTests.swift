// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Whatever the kernel takes of each write, and whenever the channel is done with its rest, the client gets every byte
// once and in order, and nothing is written directly while the channel holds a rest.

import RoostModel
import Testing

@testable import RoostServer

@Suite struct ClientOutputTests {
    @Test func everythingGathersIntoOneWrite() {
        var output = ClientOutput()
        output.append([1, 2])
        output.append([3])
        var offered: [[UInt8]] = []
        let result = output.flush {
            offered.append(bytes($0))
            return .took(3)
        }
        #expect(result == .written(3))
        #expect(offered == [[1, 2, 3]])
        #expect(output.queuedBytes == 0)
        #expect(output.flush { _ in .took(0) } == .nothing)
    }

    @Test func whatTheKernelDoesNotTakeIsHandedOverAndBlocksTheWay() {
        var output = ClientOutput()
        output.append([1, 2, 3, 4])
        #expect(output.flush { _ in .took(1) } == .rest([2, 3, 4], written: 1))
        output.append([5])
        #expect(output.queuedBytes == 4)
        #expect(
            output.flush { _ in
                Issue.record("written past the rest")
                return .took(1)
            } == .nothing)
        output.restWasWritten()
        #expect(output.flush { .took($0.count) } == .written(1))
    }

    @Test func aFullKernelTakesNothingAndABrokenOneSaysSo() {
        var output = ClientOutput()
        output.append([1, 2])
        #expect(output.flush { _ in .failed(104) } == .failed(104))
        #expect(output.flush { _ in .wouldBlock } == .rest([1, 2], written: 0))
    }

    @Test(arguments: 0..<200) func noByteIsLostOrOvertaken(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var output = ClientOutput()
        var arrived: [UInt8] = []
        var rest: [UInt8] = []
        var next: UInt8 = 0
        var sent: [UInt8] = []
        for _ in 0..<500 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let new = (0..<Int.random(in: 0..<20, using: &random)).map { next &+ UInt8($0) }
                next = next &+ UInt8(new.count)
                sent += new
                output.append(new)
            case 1:
                let result = output.flush {
                    let count = Int.random(in: 0...$0.count, using: &random)
                    arrived += bytes($0).prefix(count)
                    return count == 0 ? .wouldBlock : .took(count)
                }
                if case .rest(let bytes, _) = result { rest = bytes }
            default:
                guard !rest.isEmpty else { continue }
                arrived += rest
                rest = []
                output.restWasWritten()
            }
            #expect(output.queuedBytes == sent.count - arrived.count)
        }
        arrived += rest
        output.restWasWritten()
        _ = output.flush {
            arrived += bytes($0)
            return .took($0.count)
        }
        #expect(arrived == sent)
    }
}

private func bytes(_ span: Span<UInt8>) -> [UInt8] {
    span.indices.map { span[$0] }
}
