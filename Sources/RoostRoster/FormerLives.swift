// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a roster has seen of lives that are over. A vector tells of the present life of each node alone, but what was
// made in the lives before stands on: users who are held, bans, invitations.

import RoostModel

/// How far the earlier lives of nodes have been applied.
public struct FormerLives: Hashable, Sendable {
    /// The last event applied of each life that is over and remembered.
    public var last: [Life: UInt64] = [:]
    /// The lives of a node before that epoch are forgotten, and count as applied to their ends.
    public var horizons: [NodeID: Epoch] = [:]

    /// No life yet.
    public init() {}

    /// Whether a life is forgotten.
    func isForgotten(_ life: Life) -> Bool { horizons[life.node].map { life.epoch < $0 } ?? false }

    /// Whether an event was applied, `vector` telling of the present lives.
    func covers(_ event: EventID, at vector: Vector) -> Bool {
        guard let position = vector[event.node] else { return false }
        if event.epoch >= position.epoch {
            return event.epoch == position.epoch && event.sequence <= position.sequence
        }
        return last[event.life].map { event.sequence <= $0 } ?? isForgotten(event.life)
    }

    /// The last event of a life that was applied, `vector` telling of the present ones.
    func sequence(of life: Life, at vector: Vector) -> UInt64 {
        last[life] ?? (isForgotten(life) ? .max : vector.sequence(of: life))
    }

    /// Takes note that a life was applied so far, whether it is the present one in `vector` or another.
    mutating func reach(_ sequence: UInt64, of life: Life, in vector: inout Vector) {
        guard let position = vector[life.node] else {
            vector[life.node] = Vector.Position(epoch: life.epoch, sequence: sequence)
            return
        }
        if life.epoch == position.epoch {
            vector[life.node] = Vector.Position(epoch: life.epoch, sequence: max(sequence, position.sequence))
        } else if life.epoch < position.epoch {
            if !isForgotten(life) { last[life] = max(last[life] ?? 0, sequence) }
        } else {
            let former = Life(node: life.node, epoch: position.epoch)
            last[former] = max(last[former] ?? 0, position.sequence)
            vector[life.node] = Vector.Position(epoch: life.epoch, sequence: max(last[life] ?? 0, sequence))
            last[life] = nil
        }
    }

    /// Forgets the lives of a node before an epoch.
    mutating func forget(before epoch: Epoch, of node: NodeID) {
        horizons[node] = max(horizons[node] ?? epoch, epoch)
        last = last.filter { !isForgotten($0.key) }
    }
}

/// How far a roster has come, in the present lives and in those before.
public struct Progress: Hashable, Sendable {
    /// The last event applied of the present life of each node.
    public let vector: Vector
    /// The same of the lives before.
    public let formerLives: FormerLives

    /// That far; without numbers, nowhere.
    public init(vector: Vector = Vector(), formerLives: FormerLives = FormerLives()) {
        self.vector = vector
        self.formerLives = formerLives
    }

    /// Whether an event was applied, or is of a life that is forgotten.
    public func covers(_ event: EventID) -> Bool { formerLives.covers(event, at: vector) }

    /// The last event applied of each life that is remembered.
    public var lives: [Life: UInt64] {
        formerLives.last.merging(
            vector.positions.map { (Life(node: $0.key, epoch: $0.value.epoch), $0.value.sequence) },
            uniquingKeysWith: max)
    }
}
