// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The table of keys: what exists, what it is called, what it allows, when a change takes effect and what it means.
// The page docs/configuration.md is made from it.

import RoostKeys

extension Key<Configuration> {
    /// Every key, in the order of the page.
    static let all: [Key] = node + server + clients + mesh + hold + stats + timeouts + limits

    private static let node: [Key] = [
        .scalar(
            "node.name", \.node.name,
            .word(1...12, of: "abcdefghijklmnopqrstuvwxyz0123456789-_.", called: "a-z 0-9 - _ ."), .restart,
            "The node's name in the mesh, in statistics and in WHOIS for operators; unique in the cluster.",
            derivedDefault: "from the host name, else `node`"),
        .scalar(
            "node.data-directory", \.node.dataDirectory, .line(1...4_000), .restart,
            "Where the node keeps its epoch, the number of its present life.", derivedDefault: "`data/` and the name"),
        .scalar("log.level", \.log.level, .choice, .reload, "The least level that is written to standard error."),
        .scalar("log.format", \.log.format, .choice, .restart, "Lines for people, or JSON objects for collectors."),
    ]

    private static let server: [Key] = [
        .scalar(
            "server.name", \.server.name,
            .text(3...63, "a name with a dot, 3 to 63 of a-z A-Z 0-9 - .", where: isServerName), .restart,
            "The server name that clients see; the same on every node of a cluster."),
        .scalar(
            "server.description", \.server.description, .line(1...200), .restart,
            "The text beside the server name in WHOIS and LINKS."),
        .scalar(
            "server.network", \.server.network,
            .text(1...32, "one word, 1 to 32 bytes", where: isWord), .restart,
            "The name of the network, by which clients sort their windows."),
        .scalar(
            "server.motd", \.server.motd, .motd, .reload, "The message of the day; \"\" for none."),
        .scalar(
            "server.motd-file", \.server.motdFile, .line(0...4_000), .reload,
            "A file that holds the message of the day, read at the start and at a reload."),
        .scalar("admin.location", \.admin.location, .line(0...200), .reload, "First line that ADMIN answers."),
        .scalar("admin.details", \.admin.details, .line(0...200), .reload, "Second line that ADMIN answers."),
        .scalar("admin.email", \.admin.email, .line(0...200), .reload, "Whom to write to, as ADMIN answers."),
    ]

    private static let clients: [Key] = [
        .list("listeners", \.listeners, .endpoint(), .restart, "Where clients connect; at least one."),
        .scalar(
            "threads", \.threads, .threads, .restart,
            "Event loops that serve clients: one for two cores, a number, or a thread for each connection."),
        .scalar(
            "lobby", \.lobby,
            .text(0...64, "a channel name that begins with #, or \"\" for none", where: isChannelOrNone), .restart,
            "The channel that every newcomer joins, which is how the others learn of them."),
        .scalar(
            "password", \.password, .password(0...300), .reload,
            "What clients must send with PASS; \"\" for none.", isSecret: true),
        Key(
            path: "operators", shape: .records,
            allowed: "a list of mappings with \(Key<Configuration.Operator>.all.map(\.path).joined(separator: ", "))",
            derivedDefault: "none", takesEffect: .reload,
            meaning: "Who may become an operator with OPER.", isSecret: true,
            decode: { _, _ in .init(item: 0, message: "operators can only be given in a file") },
            encode: { root in root.operators.flatMap { [$0.name, $0.password] + $0.hosts + [""] } },
            copy: { $1.operators = $0.operators }),
    ]

    private static let mesh: [Key] = [
        .scalar(
            "mesh.listen", \.mesh.listen, .endpointOrNone(portMax: 65_533), .restart,
            "The control port for other nodes; the events port is one above it. \"\" for a node without peers."),
        .scalar(
            "mesh.advertise", \.mesh.advertise, .endpointOrNone(portMax: 65_533), .restart,
            "What other nodes are told to connect to, when it is not `mesh.listen`.", derivedDefault: "`mesh.listen`"),
        .list(
            "mesh.peers", \.mesh.peers, .endpoint(portMax: 65_533), .restart,
            "Control ports of other nodes; one is enough, the rest are learned."),
        .scalar(
            "mesh.cluster", \.mesh.cluster,
            .word(1...32, of: "abcdefghijklmnopqrstuvwxyz0123456789-_.", called: "a-z 0-9 - _ ."), .restart,
            "The cluster's identifier; nodes that name another are refused."),
        .scalar(
            "mesh.secret-file", \.mesh.secretFile, .line(0...4_000), .restart,
            "A file with the cluster's secret, which `roost keygen --out FILE` makes; the same secret on every node."),
        .scalar(
            "mesh.secret", \.mesh.secret, .secret, .restart,
            "The secret itself, where there is no place for a file; \"\" for none.", isSecret: true),
        .scalar(
            "mesh.down-after", \.mesh.downAfter, .duration(.seconds(2) ... .seconds(600)), .restart,
            "A node that nobody has heard for so long is down: its users are held."),
        .scalar(
            "mesh.claim-wait", \.mesh.claimWait, .duration(.milliseconds(10) ... .seconds(10)), .restart,
            "The longest wait for other nodes to acknowledge a claim on a nick."),
        .scalar(
            "mesh.acknowledge", \.mesh.acknowledge, .choice, .restart,
            "When a sender sees its echo: when another node that is up has the message, or at once."),
        .scalar(
            "mesh.queue-events", \.mesh.queueEvents, .number(1_024...16_777_216), .restart,
            "Events that may wait for the mesh; at the limit reading from clients pauses."),
        .scalar(
            "mesh.queue-bytes", \.mesh.queueBytes, .size(1 << 20...4 << 30), .restart,
            "Bytes that may wait for the mesh; at the limit reading from clients pauses."),
        .scalar(
            "mesh.replay-bytes", \.mesh.replayBytes, .size(1 << 20...16 << 30), .restart,
            "How much of each stream is kept to repair gaps; the oldest goes first, and then a snapshot repairs."),
        .scalar(
            "mesh.replay-age", \.mesh.replayAge, .duration(.seconds(10) ... .seconds(86_400)), .restart,
            "How old the oldest event kept to repair gaps may be."),
    ]

    private static let hold: [Key] = [
        .scalar(
            "hold.time", \.hold.time, .duration(.seconds(1) ... .seconds(86_400)), .restart,
            "How long the users of a node that is down are held, until they quit; the same on every node."),
        .scalar(
            "hold.take-over", \.hold.takeOver, .choice, .restart,
            "Who may go on as a held user: by account; by user name and host, too; or nobody."),
        .scalar(
            "hold.messages", \.hold.messages, .number(0...1_000_000), .restart,
            "Messages kept for a held user, and for the held members of a channel; of one more its sender is told."),
        .scalar(
            "hold.bytes", \.hold.bytes, .size(0...4 << 30), .restart,
            "Bytes of messages kept for the users of one node; of one more its sender is told."),
    ]

    private static let stats: [Key] = [
        .scalar(
            "stats.listen", \.stats.listen, .endpointOrNone(), .restart,
            "Where statistics are published; \"\" for nowhere.",
            derivedDefault: "two above the port of `mesh.listen`; off without it"),
        .scalar(
            "stats.interval", \.stats.interval, .duration(.milliseconds(100) ... .seconds(60)), .restart,
            "Time from one report to the next."),
    ]

    private static let timeouts: [Key] = [
        .scalar(
            "timeouts.ping-interval", \.timeouts.pingInterval, .duration(.seconds(1) ... .seconds(3_600)), .reload,
            "A client silent for so long is sent a PING."),
        .scalar(
            "timeouts.ping-timeout", \.timeouts.pingTimeout, .duration(.seconds(1) ... .seconds(3_600)), .reload,
            "A client that stays silent for so long after a PING is disconnected."),
        .scalar(
            "timeouts.registration", \.timeouts.registration, .duration(.seconds(1) ... .seconds(600)), .reload,
            "A connection that has not registered by then is closed."),
    ]
}

extension Key<Configuration.Operator> {
    /// The keys of one of the `operators`.
    static let all: [Key] = [
        .scalar(
            "name", \.name, .text(1...64, "one word, 1 to 64 bytes", where: isWord), .reload, "First word of OPER."),
        .scalar("password", \.password, .password(1...300), .reload, "Second word of OPER.", isSecret: true),
        .list(
            "hosts", \.hosts, .text(1...200, "a mask on user@host such as *@127.0.0.1", where: isHostMask), .reload,
            "Masks of which one must fit the user's user@host; without any, every host will do."),
    ]
}

extension ValueFormat where Value == ClusterSecret? {
    fileprivate static let secret = ValueFormat(
        allowed: "what `roost keygen` prints, or \"\" for none",
        parse: { text in text.isEmpty ? .some(nil) : ClusterSecret(text).map { .some($0) } },
        print: { $0?.text ?? "" })
}

extension ValueFormat where Value == String {
    static let motd = text(0...65_536, "text of any number of lines, up to 64KiB", where: isMultiline)

    fileprivate static func password(_ bytes: ClosedRange<Int>) -> Self {
        text(bytes, "plain text without spaces, or a crypt(3) hash that this system can check ($6$, $y$)") { text in
            isWordOrNone(text) && (!PasswordCheck.isHash(text) || PasswordCheck.isSupportedHash(text))
        }
    }
}

@Sendable private func isWordOrNone(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
}

@Sendable private func isWord(_ text: String) -> Bool {
    !text.isEmpty && isWordOrNone(text)
}

@Sendable private func isHostMask(_ text: String) -> Bool {
    isWord(text) && text.contains("@")
}

@Sendable private func isMultiline(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
}

/// A channel name as in RFC 1459 §1.3: no space, comma or BEL.
@Sendable private func isChannelOrNone(_ text: String) -> Bool {
    text.isEmpty || text.hasPrefix("#") && text.utf8.count > 1 && isWord(text) && !text.contains(",")
}

@Sendable private func isServerName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count > 1
        && labels.allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
}
