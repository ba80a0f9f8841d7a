// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The rules that must hold, and what is said when one does not. What each rule means stands in the file of its name.

/// A rule, by the name of its checker.
public enum Rule: String, CaseIterable, Sendable {
    /// Every line that a client is sent is a line of IRC.
    case linesLegal
    /// No node complains of what cannot be, given the faults there are.
    case nothingAmiss
    /// No node wants to be woken at a moment that is past, after it was.
    case deadlinesPass
    /// A nick is held by one user among nodes that can talk.
    case nickUnique
    /// Of one sender's messages nobody gets a later one before an earlier one.
    case senderOrder
    /// Nobody gets a message twice, but by a take-over.
    case deliveredOnce
    /// What was accepted is with another node that is up, where there is one.
    case acceptedIsKept
    /// What was accepted reaches everybody who is there, or is returned to its sender.
    case nothingLost
    /// Nobody is shown to leave who has not left, nor to come who was there.
    case nobodyQuits
    /// Nobody is listed who is neither connected nor held.
    case noGhost
    /// In quiet times all nodes know the same.
    case rostersEqual
    /// In quiet times clients know what their nodes know.
    case viewsTrue
    /// Nobody has a power that no rightful deed gave, and nobody lacks one that none took.
    case noPowerGained
    /// Queues keep within their limits.
    case memoryBounded
    /// When faults end, nodes find each other in time.
    case networkHeals
}

/// Something that must hold did not.
public struct Violation: Error, CustomStringConvertible, Sendable {
    /// The rule that was broken.
    public let rule: Rule
    /// What was seen.
    public let detail: String

    /// The rule and what was seen.
    public var description: String { "\(rule.rawValue): \(detail)" }
}
