// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Events and frames from a seed.

import RoostModel
import RoostRoster
import RoostWire

extension RandomValues {
    mutating func header() -> FrameHeader {
        FrameHeader(cluster: element(of: ["roost", "", "Über Netz"]), node: node(), epoch: epoch(), time: time())
    }

    /// A frame of the kinds of events given, or of up to eight random ones.
    mutating func eventFrame(kinds: [Int]? = nil) -> EventFrame {
        let header = header()
        return EventFrame(
            header: header, events: events(kinds: kinds, of: bool() ? header.node : node(), in: header.epoch))
    }

    mutating func events(kinds: [Int]? = nil, of node: NodeID, in epoch: Epoch) -> [Event] {
        let kinds = kinds ?? list(0...8) { $0.number(0...Self.kindsOfEvents - 1) }
        let first = UInt64(number(1...9_999_999))
        return kinds.enumerated().map { index, kind in
            Event(
                id: EventID(node: node, epoch: epoch, sequence: first + UInt64(index)), time: time(),
                body: body(kind: kind))
        }
    }

    static let kindsOfEvents = 21

    /// A body of the kind with that number: each kind of event has one below `kindsOfEvents`.
    mutating func body(kind: Int) -> EventBody {
        switch kind {
        case 0: .messageSent(message())
        case 1: .joined(user: id(), channel: channel(), birth: birth(), status: status(), invitations: ids())
        case 2: .parted(user: id(), channel: channel(), tags: ids(), reason: maybe { $0.text() })
        case 3: .kicked(user: id(), channel: channel(), tags: ids(), by: actor(), reason: text())
        case 4: .nickClaimed(NickClaim(user: maybe { $0.id() }, nick: nick(), identity: text()))
        case 5: .nickReleased(claim: id())
        case 6: .nickChanged(user: id(), claim: id())
        case 7: .userIntroduced(user())
        case 8: .profileChanged(user: id(), profile: profile())
        case 9: .userQuit(user: id(), reason: text())
        case 10: .modesChanged(channel: channel(), birth: birth(), changes: list(0...9) { $0.mode() }, by: actor())
        case 11: .topicChanged(channel: channel(), birth: birth(), text: text(), by: actor())
        case 12: .invited(user: id(), channel: channel(), birth: birth(), by: actor())
        case 13: .channelEnded(channel: channel(), birth: birth())
        case 14: .killRequested(user: id(), by: actor(), reason: text())
        case 15: .wallopsSent(by: actor(), text: text())
        case 16: .nodeLeft(reason: text())
        case 17: .nodeDown(life(), heldUntil: wall())
        case 18: .lifeEnded(life())
        case 19: .userTakenOver(takeOver())
        default: .unknown(kind: UInt32(number(65...999_999)), content: list(0...40) { UInt8($0.number(0...255)) })
        }
    }

    mutating func takeOver() -> TakeOver {
        TakeOver(
            user: id(), session: Session(number: max(2, word32()), since: time(), node: node()), nick: nick(),
            identity: text(), claimedAt: time(), userName: element(of: ["", "~user"]), profile: profile(),
            signedOn: wall(),
            memberships: list(0...4) {
                TakeOver.Membership(channel: $0.channel(), birth: $0.birth(), status: $0.status())
            },
            after: maybe { $0.id() })
    }

    mutating func message() -> ChatMessage {
        ChatMessage(
            kind: element(of: [.message, .notice, .tags]), sender: id(),
            target: bool() ? .channel(channel(), atLeast: status()) : .user(id()), text: text(),
            tags: list(0...2) { ChatMessage.Tag(key: "+draft/reply", value: $0.bool() ? "" : "a;\r\n\0 b") })
    }

    mutating func actor() -> Actor { Actor(user: maybe { $0.id() }, prefix: text()) }

    mutating func status() -> MemberStatus { bits([.voice, .halfOperator, .channelOperator]) }

    mutating func mode() -> ModeFact {
        switch number(0...5) {
        case 0: .flag(element(of: ChannelFlags.letters.map(\.flag)), isSet: bool())
        case 1: .key(maybe { $0.text() })
        case 2: .limit(maybe { $0.word32() })
        case 3: .status(element(of: MemberStatus.all.map(\.status)), user: id(), tag: id(), isSet: bool())
        case 4: .listAdded(element(of: MaskList.allCases), mask: text())
        default: .listRemoved(element(of: MaskList.allCases), mask: text(), tags: ids())
        }
    }

    mutating func profile() -> UserProfile {
        UserProfile(
            host: "host.example", realName: text(), account: maybe { _ in "account" }, away: maybe { $0.text() },
            modes: bits([.bot, .invisible, .networkOperator, .wallops]))
    }

    mutating func user() -> UserRecord {
        let id = id()
        return UserRecord(
            id: id, session: Session(number: word32(), since: time(), node: node()), claim: bool() ? id : self.id(),
            userName: element(of: ["", "~user"]), profile: profile(), signedOn: wall())
    }

    mutating func acknowledgement() -> Acknowledgement {
        Acknowledgement(header: header(), applied: vector(), delivered: vector())
    }

    mutating func heartbeat() -> Heartbeat {
        var ages: [NodeID: UInt32] = [:]
        var inStep: [NodeID: Epoch] = [:]
        for _ in 0..<number(0...3) { ages[node()] = word32() }
        for _ in 0..<number(0...3) { inStep[node()] = epoch() }
        var formerLives: [Life: UInt64] = [:]
        for _ in 0..<number(0...3) { formerLives[life()] = word64() }
        return Heartbeat(
            acknowledgement: acknowledgement(), ages: ages, inStep: inStep, digest: word64(), wall: wall(),
            isDraining: bool(), formerLives: formerLives)
    }

    static let kindsOfControl = 9

    mutating func controlFrame(kind: Int) -> ControlFrame {
        let message: ControlMessage =
            switch kind {
            case 0: .hello(introduction())
            case 1: .welcome(introduction())
            case 2: .refused(reason: text())
            case 3: .snapshotRequest(id: word32(), credit: word32())
            case 4: .snapshotChunk(id: word32(), index: 6, count: 7, bytes: list(0...99) { UInt8($0.number(0...255)) })
            case 5: .snapshotCredit(id: word32(), credit: word32())
            case 6: .replayRequest(life: life(), first: UInt64(number(1...99)), last: .max)
            case 7: replay()
            default: .replayUnavailable(life: life(), oldest: word64())
            }
        return ControlFrame(header: header(), message: message)
    }

    /// Sometimes of nothing; that tells of a life, too.
    private mutating func replay() -> ControlMessage {
        let life = life()
        return .replay(life: life, events: events(of: life.node, in: life.epoch))
    }

    mutating func introduction() -> Introduction {
        var peers: [NodeID: NodeAddress] = [:]
        for _ in 0..<number(0...3) { peers[node()] = address() }
        return Introduction(
            applied: vector(), oldestReplayable: word64(), address: address(), peers: peers, wall: wall(),
            greeting: word64())
    }

    mutating func address() -> NodeAddress {
        NodeAddress(mesh: "127.0.0.1:\(number(1...65_535))", stats: bool() ? "" : "[::1]:7602")
    }
}
