// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Compares passwords on a thread of its own, since a hash takes milliseconds by design. What a client can ask of that
// thread is bounded: one comparison at a time.

import NIOPosix
import RoostNode
import Synchronization

/// The queue of passwords to compare.
final class PasswordQueue: Sendable {
    /// Comparisons that may wait; more are refused. So many take seconds to a minute, by when most who wait have left.
    static let waitingMax = 4_096

    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let check: @Sendable (_ given: String, _ stored: String) -> Bool
    /// Those who wait for an answer, or had one coming when they left.
    private let waiting = Mutex<[ConnectionID: Bool]>([:])

    /// - Parameter check: whether a given password fits a stored one; called on the queue's thread.
    init(check: @escaping @Sendable (_ given: String, _ stored: String) -> Bool) {
        self.check = check
        thread.start()
    }

    deinit {
        thread.shutdownGracefully { _ in }
    }

    /// Answers once, from any thread, whether a password fits; that it does not, at once, where the client waits for an
    /// answer already or too many do. A client that has left meanwhile is not answered.
    func check(
        _ given: String, against stored: String, for connection: ConnectionID,
        answer: @escaping @Sendable (Bool) -> Void
    ) {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting[connection] == nil, waiting.count < Self.waitingMax else { return false }
            waiting[connection] = true
            return true
        }
        guard isAdmitted else { return answer(false) }
        thread.submit { [self] _ in
            let isWanted = waiting.withLock { $0[connection] == true }
            let matches = isWanted && check(given, stored)
            if waiting.withLock({ $0.removeValue(forKey: connection) }) == true { answer(matches) }
        }
    }

    /// The client has left: what it waits for is not worth the work.
    func forget(_ connection: ConnectionID) {
        waiting.withLock { waiting in
            if waiting[connection] != nil { waiting[connection] = false }
        }
    }
}
