// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The proxy on real sockets: it joins, holds back, refuses when the node is gone, and knows who dials.

import Foundation
import Glibc
import RoostConfiguration
import Synchronization
import Testing

@testable import RoostChaos

@Suite(.serialized)
struct LinkProxyTests {
    /// Two nodes of which the first is this process, which dials, and the second is a listener of the test.
    private struct Pair {
        let proxy: LinkProxy
        let base: Int
        var listener: StreamSocket?
        var front: Endpoint { NodeNetwork.front(ofNode: 1, basePort: base) }
        var target: Endpoint {
            Endpoint(host: "127.0.0.1", port: NodeNetwork.controlPort(ofNode: 1, basePort: base))
        }

        init() throws {
            let own = getpid()
            proxy = LinkProxy(nodes: 2) { [own, nil] }
            base = try Self.freeBase()
            proxy.start(basePort: base)
            listener = StreamSocket.listening(on: target)
            try #require(listener != nil)
        }

        private static let turns = Mutex(0)

        /// A base port of which both nodes' twenty ports are free, and which no other test of this process got.
        private static func freeBase() throws -> Int {
            for _ in 0..<200 {
                let turn = turns.withLock { turn in
                    turn += 1
                    return turn
                }
                let base = 20_000 + Int(getpid() % 100) * 100 + 20 * turn
                let ports = (0..<20).map { NodeNetwork.controlPort(ofNode: 0, basePort: base) + $0 }
                if ports.allSatisfy({ StreamSocket.listening(on: Endpoint(host: "127.0.0.1", port: $0)) != nil }) {
                    return base
                }
            }
            throw ChaosFailure(.broken, "no free ports for a test")
        }

        /// Waits until the proxy lets somebody in, and gives both ends of a connection.
        func connect() throws -> (near: StreamSocket, far: StreamSocket) {
            var near: StreamSocket?
            try eventually("the proxy listens") {
                near = StreamSocket.connecting(to: front)
                guard let near else { return false }
                _ = Polling.wait([(near.descriptor, reads: false, writes: true)], for: .seconds(1))
                return near.connectError == 0
            }
            var far: StreamSocket?
            try eventually("the proxy dials") {
                far = listener?.accept()
                return far != nil
            }
            return (try #require(near), try #require(far))
        }
    }

    private static func eventually(_ what: String, _ isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try !isSo() {
            try #require(ContinuousClock.now < deadline, "never: \(what)")
            usleep(2_000)
        }
    }

    /// Reads so many bytes; fewer where the time is over.
    private func read(_ count: Int, from socket: StreamSocket, within limit: Duration = .seconds(10)) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        var got: [UInt8] = []
        while got.count < count, ContinuousClock.now < deadline {
            if case .bytes(let bytes) = socket.read() { got += bytes }
            usleep(1_000)
        }
        return got
    }

    @Test func bytesPassBothWays() throws {
        let pair = try Pair()
        defer { pair.proxy.stop() }
        let (near, far) = try pair.connect()
        _ = near.write([1, 2, 3])
        #expect(read(3, from: far) == [1, 2, 3])
        _ = far.write([4, 5])
        #expect(read(2, from: near) == [4, 5])
    }

    /// Node 1 speaks to node 2 and not the other way: the dialler is known by its process.
    @Test func aCutInOneDirectionLeavesTheOther() throws {
        let pair = try Pair()
        defer { pair.proxy.stop() }
        let (near, far) = try pair.connect()
        pair.proxy.apply(.cut(from: 1, to: 0))
        usleep(30_000)
        _ = near.write([1])
        #expect(read(1, from: far) == [1])
        _ = far.write([2])
        #expect(read(1, from: near, within: .milliseconds(200)) == [])
        pair.proxy.apply(.heal)
        #expect(read(1, from: near) == [2], "what was held back arrives")
    }

    @Test func anEndIsPassedOnAndADeadNodeRefuses() throws {
        var pair = try Pair()
        defer { pair.proxy.stop() }
        let (near, far) = try pair.connect()
        pair.listener = nil
        far.resetOnClose()
        // The far end goes with its last holder.
        withExtendedLifetime(far) { _ = shutdown(far.descriptor, Int32(SHUT_RDWR)) }
        try Self.eventually("the dialler sees the end") {
            if case .end = near.read() { true } else { false }
        }
        let again = StreamSocket.connecting(to: pair.front)
        if let again {
            _ = Polling.wait([(again.descriptor, reads: false, writes: true)], for: .seconds(1))
            #expect(again.connectError == ECONNREFUSED)
        }
    }
}
