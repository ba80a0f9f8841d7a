// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a run comes to, in figures.

/// The figures of a run.
public struct Figures: Sendable, Equatable {
    /// Messages that clients sent.
    public var sent = 0
    /// Messages of which the sender saw the echo.
    public var accepted = 0
    /// Arrivals of messages, each recipient counted once.
    public var delivered = 0
    /// Arrivals beyond the first at clients whose connection never broke.
    public var twiceOthers = 0
    /// Arrivals beyond the first at clients whose connection broke.
    public var twiceOwn = 0
    /// Arrivals beyond the first under another `msgid`; counted among the two above too.
    public var twiceAnew = 0
    /// First arrivals after that of a later message of the same sender.
    public var outOfOrder = 0
    /// Arrivals that are missing of accepted messages and of which the sender was not told.
    public var lost = 0
    /// Arrivals of which a sender was told that they are missing.
    public var returned = 0
    /// QUIT, JOIN and NICK lines seen of clients who did none of it.
    public var quits = 0
    /// See `quits`.
    public var joins = 0
    /// See `quits`.
    public var renames = 0
    /// Connections that broke.
    public var broken = 0
    /// The longest time until talk flowed again both ways: from a reconnect, and from contact between any two nodes.
    public var talkAgain: Duration?
    /// From contact until all nodes agreed for good.
    public var converged: Duration?
    /// When the faults ended, for the times of deliveries; nil where they did not.
    public var mended: Duration?
    /// When the faults began; nil where there were none.
    public var faultsBegan: Duration?
    /// Of each first arrival, when the message was sent and how long it took, from the first fault on.
    public var arrivals: [Arrival] = []
    /// Some of what went wrong, for people.
    public var examples: [String] = []

    /// A first arrival.
    public struct Arrival: Sendable, Equatable {
        var sentAt: Duration
        var took: Duration
    }

    /// The share of arrivals of messages sent during the faults that took at most so long; nil without arrivals.
    func quantile(_ share: Double, duringFaultsAfter start: Duration = .zero) -> Duration? {
        guard let faultsBegan else { return nil }
        let times = arrivals.filter { $0.sentAt >= faultsBegan + start && $0.sentAt < (mended ?? .seconds(86_400)) }
        return Self.quantile(share, of: times)
    }

    /// The same of messages sent after the faults.
    func quantileAfterFaults(_ share: Double) -> Duration? {
        guard let mended else { return nil }
        return Self.quantile(share, of: arrivals.filter { $0.sentAt >= mended })
    }

    private static func quantile(_ share: Double, of arrivals: [Arrival]) -> Duration? {
        guard !arrivals.isEmpty else { return nil }
        let sorted = arrivals.map(\.took).sorted()
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
    }

    /// Adds an example of what went wrong, unless there are enough.
    mutating func note(_ example: String) {
        if examples.count < 12 { examples.append(example) }
    }
}
