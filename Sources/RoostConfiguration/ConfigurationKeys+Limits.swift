// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The part of the table of keys that sets limits. Each says what happens to whoever reaches it.

extension Key<Configuration> {
    static let limits: [Key] = words + counts + connections

    private static let words: [Key] = [
        .scalar(
            "limits.nick-length", \.limits.nickLength, .number(9...64), .restart,
            "Bytes of a nick (NICKLEN); longer ones are refused."),
        .scalar(
            "limits.channel-length", \.limits.channelLength, .number(16...64), .restart,
            "Bytes of a channel name (CHANNELLEN); longer ones are refused."),
        .scalar(
            "limits.topic-length", \.limits.topicLength, .number(80...390), .restart,
            "Bytes of a topic (TOPICLEN); the rest is cut off."),
        .scalar(
            "limits.away-length", \.limits.awayLength, .number(80...390), .restart,
            "Bytes of an away message (AWAYLEN); the rest is cut off."),
        .scalar(
            "limits.kick-length", \.limits.kickLength, .number(80...390), .restart,
            "Bytes of the reason in a KICK (KICKLEN); the rest is cut off."),
    ]

    private static let counts: [Key] = [
        .scalar(
            "limits.channels-per-user", \.limits.channelsPerUser, .number(1...10_000), .restart,
            "Channels that one user may be in (CHANLIMIT); further joins are refused."),
        .scalar(
            "limits.targets", \.limits.targets, .number(1...100), .restart,
            "Targets of one command (TARGMAX); the rest are refused."),
        .scalar(
            "limits.list-entries", \.limits.listEntries, .number(1...10_000), .restart,
            "Entries of a channel's bans, exceptions and invitations together (MAXLIST); more are refused."),
        .scalar(
            "limits.monitor-entries", \.limits.monitorEntries, .number(0...10_000), .restart,
            "Nicks that one client may monitor (MONITOR); more are refused."),
        .scalar(
            "limits.whowas-entries", \.limits.whowasEntries, .number(0...1_000_000), .restart,
            "Users who left that WHOWAS remembers; the oldest are forgotten."),
    ]

    private static let connections: [Key] = [
        .scalar(
            "limits.send-queue", \.limits.sendQueueBytes, .size(16 << 10...1 << 30), .reload,
            "Bytes that may wait to be sent to one client; above it the client is disconnected (SendQ exceeded)."),
        .scalar(
            "limits.receive-queue", \.limits.receiveQueueBytes, .size(16 << 10...16 << 20), .reload,
            "Bytes read from one client that may wait to be handled; at the limit reading from it pauses."),
        .scalar(
            "limits.receive-lines", \.limits.receiveQueueLines, .number(1...65_536), .reload,
            "Lines read from one client that may wait to be handled; at the limit reading from it pauses."),
        .scalar(
            "limits.clients", \.limits.clients, .number(1...1_000_000), .reload,
            "Connections to this node; more are told that it is full and closed."),
        .scalar(
            "limits.clients-per-address", \.limits.clientsPerAddress, .numberOrOff(1...1_000_000), .reload,
            "Connections to this node from one address; more are told so and closed."),
        .scalar(
            "limits.backlog", \.limits.backlog, .number(16...65_535), .restart,
            "Connections that may wait to be accepted; the system drops more."),
        .scalar(
            "limits.flood-rate", \.limits.floodRate, .numberOrOff(1...100_000), .reload,
            "Lines a second that one client may send in the long run; faster ones are read later."),
        .scalar(
            "limits.flood-burst", \.limits.floodBurst, .number(1...1_000_000), .reload,
            "Lines that one client may send at once after a silence, before `limits.flood-rate` holds it back."),
    ]
}
