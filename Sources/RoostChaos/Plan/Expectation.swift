// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What must hold for a case to pass: limits on figures, and answers that all nodes must give alike.

/// A condition on the outcome of a run.
public enum Expectation: Sendable, Equatable {
    /// A figure is within a bound. `after` leaves out the first part of the time of the faults.
    case limit(Metric, Bound, after: Duration)
    /// All nodes give the same answer.
    case same(Question)
    /// All nodes give this answer; the words are sorted.
    case answer(Question, [String])

    /// What a figure may be.
    public enum Bound: Sendable, Equatable {
        /// A count of at most so many.
        case count(Int)
        /// A count of at least so many.
        case countAtLeast(Int)
        /// A time of at most so long.
        case time(Duration)
    }
}

/// A figure that the judge gives.
public enum Metric: String, Sendable, CaseIterable {
    /// QUIT lines that clients saw of users who did not quit.
    case quits
    /// JOIN lines that clients saw of users whom they had in the channel.
    case joins
    /// NICK lines that clients saw of each other.
    case renames
    /// Accepted messages that did not reach a recipient, one for each recipient.
    case lost
    /// Messages that were returned to their sender as undelivered.
    case returned
    /// Messages that came after a later one of the same sender.
    case outOfOrder = "out-of-order"
    /// Messages that came again to a client whose connection never broke.
    case twiceOthers = "twice-others"
    /// Messages that came again to a client whose connection broke.
    case twiceOwn = "twice-own"
    /// Messages that came again under another `msgid`.
    case twiceAnew = "twice-anew"
    /// The time from a reconnect, and from the end of the faults, until talk flows both ways.
    case talkAgain = "talk-again"
    /// The time from contact until all nodes have the same roster.
    case converged
    /// Median of the time from sending to delivery, during the faults.
    case p50
    /// 99th percentile of the time from sending to delivery, during the faults.
    case p99

    /// Whether it is a time.
    var isTime: Bool {
        switch self {
        case .talkAgain, .converged, .p50, .p99: true
        case .quits, .joins, .renames, .lost, .returned, .outOfOrder, .twiceOthers, .twiceOwn, .twiceAnew: false
        }
    }

    /// Whether only a part of the time of the faults may be looked at.
    var takesAfter: Bool { self == .p50 || self == .p99 }
}

/// What every node is asked when the run is over.
public enum Question: Sendable, Hashable {
    /// The user name of the user who has a nick, as WHOIS tells; nothing where nobody has it.
    case holder(nick: String)
    /// The nicks in a channel.
    case names(channel: String)
    /// The nicks of a channel's operators.
    case operators(channel: String)
    /// The masks that are banned in a channel.
    case bans(channel: String)

    /// As a plan writes it.
    public var text: String {
        switch self {
        case .holder(let nick): "holder \(nick)"
        case .names(let channel): "names \(channel)"
        case .operators(let channel): "operators \(channel)"
        case .bans(let channel): "bans \(channel)"
        }
    }
}
