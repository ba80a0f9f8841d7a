// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The phases before a row measures: register everybody, join channels, and wait until every node of a cluster knows
// what the row relies on. Each phase ends by itself: an error after `settings.patience` without any progress.

extension Fleet {
    /// Registers `count` more clients, at most `settings.handshakesMax` of them at a time.
    mutating func register(_ count: Int) throws(BenchFailure) {
        let total = clients.count + count
        try wait(
            for: "registrations", total,
            { $0.counts.registered }
        ) { fleet throws(BenchFailure) in
            while fleet.clients.count < total, fleet.counts.connecting < fleet.settings.handshakesMax {
                try fleet.connect()
            }
        }
    }

    /// Lets each client join the channel that is named for it, so many at a time that a server with small queues can
    /// follow; then waits until each node lists all members of each channel.
    mutating func join(channelOf channel: (Int) -> String) throws(BenchFailure) {
        counts.nameLists = 0
        let total = clients.count
        var asked = 0
        try wait(for: "joins", total, { $0.counts.nameLists }) { fleet throws(BenchFailure) in
            while asked < total, asked < fleet.counts.nameLists + 32 {
                try fleet.send("JOIN \(channel(asked))", from: asked)
                asked += 1
            }
        }
        var members: [String: [Int]] = [:]
        for client in 0..<total { members[channel(client), default: []].append(client) }
        for (name, clients) in members.sorted(by: { $0.key < $1.key }) {
            for node in endpoints.indices {
                guard let witness = clients.first(where: { $0 % endpoints.count == node }) else { continue }
                try awaitMembers(of: name, clients.count, seenBy: witness)
            }
        }
        try settle()
    }

    /// Waits until each client's node knows the nick of that client's partner.
    mutating func meet(partnerOf partner: (Int) -> Int) throws(BenchFailure) {
        let deadline = Moment.now().advanced(by: settings.patience)
        for client in clients.indices {
            counts.present = 0
            while counts.present == 0 {
                guard Moment.now() < deadline else { throw stalled("nicks known on every node", client, clients.count) }
                counts.presenceReplies = 0
                try send("ISON \(nick(partner(client)))", from: client)
                try wait(for: "answers to ISON", 1, { $0.counts.presenceReplies }) { _ in }
                if counts.present == 0 { try pause(.milliseconds(20)) }
            }
        }
        try settle()
    }

    /// Waits until the first client's node knows all these nicks.
    mutating func meet(_ nicks: [String]) throws(BenchFailure) {
        let deadline = Moment.now().advanced(by: settings.patience)
        for start in stride(from: 0, to: nicks.count, by: Self.nicksAsked) {
            let asked = nicks[start..<min(start + Self.nicksAsked, nicks.count)]
            counts.present = 0
            while counts.present < asked.count {
                guard Moment.now() < deadline else {
                    throw stalled("nicks of another node", start + counts.present, nicks.count)
                }
                counts.present = 0
                counts.presenceReplies = 0
                try send("ISON \(asked.joined(separator: " "))", from: 0)
                try wait(for: "answers to ISON", 1, { $0.counts.presenceReplies }) { _ in }
                if counts.present < asked.count { try pause(.milliseconds(20)) }
            }
        }
    }

    /// Nicks of nine letters that one line of 512 bytes holds.
    private static let nicksAsked = 40

    /// Waits until everything that the server had to say to any client has been read: each PONG comes after it.
    mutating func settle() throws(BenchFailure) {
        var silence = Silence()
        try settle(&silence)
    }

    /// The same, while `handler` takes messages that still arrive.
    mutating func settle<Handler: MessageHandler & ~Copyable>(_ handler: inout Handler) throws(BenchFailure) {
        counts.pongs = 0
        for client in clients.indices { try send("PING :settle", from: client) }
        try wait(for: "answers to PING", clients.count, { $0.counts.pongs }, &handler) { _ in }
    }

    /// Serves the clients for a while.
    mutating func pause(_ duration: Duration) throws(BenchFailure) {
        var silence = Silence()
        let deadline = Moment.now().advanced(by: duration)
        while Moment.now() < deadline { try turn(until: deadline, &silence) }
    }

    func stalled(_ what: String, _ done: Int, _ total: Int) -> BenchFailure {
        let hint = done > 0 && counts.connecting > 0 ? "; with a short listen backlog, try --handshakes 10" : ""
        return BenchFailure(
            code: .stalled, attempted: "waiting for \(what)",
            target: endpoints.map(\.description).joined(separator: " "),
            cause: "\(done) of \(total) after \(settings.patience) without progress\(hint)")
    }

    private mutating func awaitMembers(of channel: String, _ count: Int, seenBy witness: Int) throws(BenchFailure) {
        let deadline = Moment.now().advanced(by: settings.patience)
        while true {
            counts.names = 0
            counts.nameLists = 0
            try send("NAMES \(channel)", from: witness)
            try wait(for: "the members of \(channel)", 1, { $0.counts.nameLists }) { _ in }
            if counts.names >= count { return }
            guard Moment.now() < deadline else { throw stalled("members of \(channel)", counts.names, count) }
            try pause(.milliseconds(20))
        }
    }

    private mutating func wait(
        for what: String, _ total: Int, _ progress: (borrowing Fleet) -> Int,
        act: (inout Fleet) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        var silence = Silence()
        try wait(for: what, total, progress, &silence, act: act)
    }

    /// Acts and serves in turn until `progress` reaches `total`.
    private mutating func wait<Handler: MessageHandler & ~Copyable>(
        for what: String, _ total: Int, _ progress: (borrowing Fleet) -> Int, _ handler: inout Handler,
        act: (inout Fleet) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        var done = progress(self)
        var deadline = Moment.now().advanced(by: settings.patience)
        while done < total {
            try act(&self)
            try turn(until: deadline, &handler)
            let now = Moment.now()
            let reached = progress(self)
            if reached > done {
                deadline = now.advanced(by: settings.patience)
                done = reached
            } else if now >= deadline {
                throw stalled(what, done, total)
            }
        }
    }
}
