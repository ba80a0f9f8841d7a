// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One connection that passes through the proxy: the dialler's end (near), the end at the node that was dialled (far),
// and a lane for the bytes each way.

import Glibc
import RoostConfiguration
import RoostModel

/// A connection between two nodes. Belongs to the proxy's thread.
final class ProxiedConnection {
    /// Which socket.
    enum End { case near, far }

    /// How long the dialler is sought: nodes are known to the supervisor a moment after they start.
    private static let patience = Duration.seconds(2)

    /// The node that dialled; nil until that is known.
    private(set) var dialler: Int?
    private(set) var isOver = false
    private var soughtSince: Duration?
    private let front: Int
    private let node: Int
    private let target: Endpoint
    private let near: StreamSocket
    private var far: StreamSocket?
    private var isFarConnected = false
    private var outward = ByteLane()
    private var inward = ByteLane()

    /// - Parameter front: the port of the proxy that was dialled.
    init(_ near: StreamSocket, at front: Int, to node: Int, at target: Endpoint) {
        self.near = near
        self.front = front
        self.node = node
        self.target = target
    }

    /// Looks for the dialler; one who cannot be found is no node. One who has hung up before it was found wanted nothing:
    /// nodes try in this way whether a port is open.
    func identify(in table: SocketTable, among processes: [pid_t?], at now: Duration) {
        let since = soughtSince ?? now
        soughtSince = since
        guard let port = near.remotePort, !near.isClosedRemotely, now - since < Self.patience else { return close() }
        dialler = table.owner(ofPort: port, connectedTo: front, among: processes)
    }

    /// What it waits for. A direction that is cut is not read, so that nobody learns of an end through it.
    func wants(
        _ conditions: LinkConditions, at now: Duration
    ) -> [(End, (descriptor: Int32, reads: Bool, writes: Bool))] {
        guard !isOver, let dialler, let far else { return [] }
        let (out, back) = (conditions[dialler, node], conditions[node, dialler])
        guard isFarConnected else { return [(.far, (far.descriptor, reads: false, writes: true))] }
        let wants: [(End, (descriptor: Int32, reads: Bool, writes: Bool))] = [
            (.near, (near.descriptor, outward.takesMore(out), inward.ready(back, at: now) != nil)),
            (.far, (far.descriptor, inward.takesMore(back), outward.ready(out, at: now) != nil)),
        ]
        return wants.filter { $0.1.reads || $0.1.writes }
    }

    /// Passes on what a socket is ready for; whether its end was seen.
    func serve(
        _ end: End, _ ready: Polling.Readiness, _ conditions: LinkConditions, at now: Duration,
        random: inout SeededRandom
    ) -> Bool {
        guard !isOver, let dialler, let far else { return false }
        if !isFarConnected {
            guard ready.writes else { return false }
            isFarConnected = far.connectError == 0
            if !isFarConnected { close() }
            return !isFarConnected
        }
        switch end {
        case .near:
            if ready.writes { write(&inward, to: near, conditions[node, dialler], at: now) }
            return ready.reads && read(near, into: &outward, conditions[dialler, node], at: now, &random)
        case .far:
            if ready.writes { write(&outward, to: far, conditions[dialler, node], at: now) }
            return ready.reads && read(far, into: &inward, conditions[node, dialler], at: now, &random)
        }
    }

    /// Dials, where nothing keeps it from doing so, and ends where an end has arrived.
    func advance(_ conditions: LinkConditions, at now: Duration) {
        guard !isOver, let dialler else { return }
        let (out, back) = (conditions[dialler, node], conditions[node, dialler])
        if far == nil, !out.isCut, !back.isCut {
            far = StreamSocket.connecting(to: target)
            if far == nil { close() }
        }
        if outward.isOver(out, at: now) || inward.isOver(back, at: now) { close() }
    }

    func nextDue(after now: Duration) -> Duration? {
        [outward.nextDue(after: now), inward.nextDue(after: now)].compactMap(\.self).min()
    }

    private func read(
        _ socket: StreamSocket, into lane: inout ByteLane, _ condition: LinkCondition, at now: Duration,
        _ random: inout SeededRandom
    ) -> Bool {
        switch socket.read() {
        case .nothing: return false
        case .bytes(let bytes):
            lane.take(bytes, condition, at: now, random: &random)
            return false
        case .end:
            lane.end(condition, at: now, random: &random)
            return true
        }
    }

    private func write(_ lane: inout ByteLane, to socket: StreamSocket, _ condition: LinkCondition, at now: Duration) {
        while let bytes = lane.ready(condition, at: now) {
            guard let count = socket.write(bytes) else { return close() }
            lane.sent(count)
            if count < bytes.count { return }
        }
    }

    /// Ends both sides. Neither node closes its sockets in the middle of a frame, so a reset loses nothing more.
    private func close() {
        isOver = true
        for socket in [near, far] { socket?.resetOnClose() }
        far = nil
    }
}
