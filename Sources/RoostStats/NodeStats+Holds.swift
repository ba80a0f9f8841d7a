// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a report tells of failures: who is held, how long senders wait to be safe, what was mended.

extension NodeStats {
    /// Users whose node is down, as the reporting node sees them.
    public struct Holds: Codable, Sendable, Equatable {
        /// Users who are held now.
        public var users: Int
        /// Messages kept for them.
        public var messages: Int
        /// About the bytes of these.
        public var bytes: Int
        /// Held users who went on at the reporting node, in all.
        public var takenOver: Int
        /// Whether the reporting node hears no other node any more.
        public var isolated: Bool

        /// Holds of that extent.
        public init(users: Int = 0, messages: Int = 0, bytes: Int = 0, takenOver: Int = 0, isolated: Bool = false) {
            self.users = users
            self.messages = messages
            self.bytes = bytes
            self.takenOver = takenOver
            self.isolated = isolated
        }
    }

    /// Echoes that waited until another node had their message, in all.
    public struct Echoes: Codable, Sendable, Equatable {
        /// How many.
        public var waited: Int
        /// How long they waited on average, in microseconds.
        public var meanUs: Int
        /// How long the slowest waited, in microseconds.
        public var slowestUs: Int

        /// Waits of that length.
        public init(waited: Int = 0, meanUs: Int = 0, slowestUs: Int = 0) {
            self.waited = waited
            self.meanUs = meanUs
            self.slowestUs = slowestUs
        }
    }

    /// What was mended, in all streams and in all.
    public struct Repairs: Codable, Sendable, Equatable {
        /// Events that were replayed to the reporting node by another than their origin.
        public var byOthers: Int
        /// Events that were passed over, since nobody had them any more.
        public var skipped: Int
        /// Times that a peer's roster differed at the same events.
        public var mismatches: Int

        /// That much mended.
        public init(byOthers: Int = 0, skipped: Int = 0, mismatches: Int = 0) {
            self.byOthers = byOthers
            self.skipped = skipped
            self.mismatches = mismatches
        }
    }
}
