// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Encoding and decoding of a snapshot: the same roster gives the same bytes on every node. Cutting it into chunks is
// left to the mesh.

import RoostModel
import RoostRoster

extension Snapshot {
    /// The snapshot's bytes.
    public func encoded() -> [UInt8] {
        var ids = IDWriter(own: nil)
        var wire = WireSnapshot()
        wire.version = MeshProtocol.version
        wire.vector = vector.wire
        wire.users = users.map { entry in
            var user = WireUserEntry()
            user.user = WireUser(entry.record, ids: &ids)
            user.introduced = ids.id(entry.introduced)
            return user
        }
        wire.claims = claims.map { WireClaim($0, ids: &ids) }
        wire.channels = channels.map { WireChannel($0, ids: &ids) }
        writeLives(to: &wire, ids: &ids)
        wire.removals = removals.sorted().map { removal in
            var wire = WireRemoval()
            wire.tag = ids.id(removal.tag)
            wire.channel = removal.channel.text
            return wire
        }
        wire.departures = departures.sorted { $0.key < $1.key }.map { user, session in
            var wire = WireDeparture()
            wire.user = ids.id(user)
            wire.session = session.number
            wire.since = ids.stamp(session.since, session.node)
            return wire
        }
        wire.kept = kept.map { WireKeptEvent($0, ids: &ids) }
        wire.formerSenders = formerSenders.sorted { $0.key < $1.key }.map { user, prefix in
            var wire = WireFormerSender()
            wire.user = ids.id(user)
            wire.prefix = prefix
            return wire
        }
        wire.lives = ids.lives.map(\.wire)
        return wire.bytes
    }

    /// The snapshot that those bytes hold.
    public init(decoding bytes: RawSpan) throws(WireError) {
        try checkCount(bytes.byteCount, WireLimits.snapshotBytesMax, "snapshot")
        let wire = try WireSnapshot(bytes: bytes)
        try checkVersion(wire.version)
        try checkCount(wire.users.count, WireLimits.snapshotEntriesMax, "snapshot.users")
        try checkCount(wire.claims.count, WireLimits.snapshotEntriesMax, "snapshot.claims")
        try checkCount(wire.channels.count, WireLimits.snapshotEntriesMax, "snapshot.channels")
        let ids = try IDReader(own: nil, lives: wire.lives)
        self.init(
            vector: try Vector(wire.vector, "snapshot.vector"), formerLives: try FormerLives(wire, ids: ids),
            users: try wire.users.map { entry throws(WireError) in
                UserEntry(
                    record: try UserRecord(entry.user, ids: ids),
                    introduced: try ids.id(entry.introduced, "snapshot.users.introduced"))
            },
            claims: try wire.claims.map { claim throws(WireError) in try StandingClaim(claim, ids: ids) },
            channels: try wire.channels.map { channel throws(WireError) in try ChannelEntry(channel, ids: ids) },
            removals: [])
        try readRemovals(of: wire, ids: ids)
        try readLives(of: wire, ids: ids)
        try readKept(of: wire, ids: ids)
    }

    private mutating func readKept(of wire: WireSnapshot, ids: IDReader) throws(WireError) {
        try checkCount(wire.kept.count, WireLimits.snapshotEntriesMax, "snapshot.kept")
        try checkCount(wire.formerSenders.count, WireLimits.snapshotEntriesMax, "snapshot.former_senders")
        kept = try wire.kept.map { event throws(WireError) in try Event(event, ids: ids) }
        for sender in wire.formerSenders {
            formerSenders[try ids.id(sender.user, "snapshot.former_senders.user")] = try readName(
                sender.prefix, "snapshot.former_senders.prefix")
        }
    }

    private mutating func readRemovals(of wire: WireSnapshot, ids: IDReader) throws(WireError) {
        try checkCount(wire.removals.count, WireLimits.snapshotEntriesMax, "snapshot.removals")
        try checkCount(wire.departures.count, WireLimits.snapshotEntriesMax, "snapshot.departures")
        for removal in wire.removals {
            removals.insert(
                Removal(
                    tag: try ids.id(removal.tag, "snapshot.removals.tag"),
                    channel: ChannelName(try readName(removal.channel, "snapshot.removals.channel"))))
        }
        for departure in wire.departures {
            let (since, node) = try ids.stamp(departure.since, "snapshot.departures.since")
            departures[try ids.id(departure.user, "snapshot.departures.user")] = Session(
                number: departure.session, since: since, node: node)
        }
    }
}

extension WireKeptEvent {
    init(_ event: Event, ids: inout IDWriter) {
        self.init()
        id = ids.id(event.id)
        time = event.time.rawValue
        let (kind, bytes) = event.body.encoded(&ids)
        self.kind = kind
        body = bytesField(bytes)
    }
}

extension Event {
    init(_ wire: WireKeptEvent, ids: IDReader) throws(WireError) {
        let body = [UInt8](wire.body)
        self.init(
            id: try ids.id(wire.id, "snapshot.kept.id"), time: HybridTime(rawValue: wire.time),
            body: try EventBody(UInt64(wire.kind), body.span.bytes, ids: ids))
    }
}

extension WireClaim {
    init(_ claim: StandingClaim, ids: inout IDWriter) {
        self.init()
        id = ids.id(claim.id)
        if claim.user != claim.id { user = ids.id(claim.user) }
        nick = claim.nick.text
        identity = claim.identity
        time = claim.time.rawValue
    }
}

extension StandingClaim {
    init(_ wire: WireClaim, ids: IDReader) throws(WireError) {
        let id = try ids.id(wire.id, "claim.id")
        self.init(
            id: id, user: wire.hasUser ? try ids.id(wire.user, "claim.user") : id,
            nick: Nick(try readName(wire.nick, "claim.nick")), identity: try readText(wire.identity, "claim.identity"),
            time: HybridTime(rawValue: wire.time))
    }
}
