// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The real client in a thread of its own, on descriptors that the test holds the other ends of.

import Foundation
import Synchronization
import Testing

@testable import RoostChat

/// A client that runs, and the way it ended.
final class RunningClient: Sendable {
    enum End: Equatable, Sendable {
        case exited(Int32)
        case failed(ChatFailure)
    }

    private let end = Mutex<End?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ options: ChatOptions, mode: ChatMode, input: Int32, output: Int32, closing: [Int32] = []) {
        Thread.detachNewThread { [self] in
            let outcome = Self.outcome(
                of: ChatClient(options: options, mode: mode, input: input, output: output, colours: true))
            for descriptor in closing { close(descriptor) }
            end.withLock { $0 = outcome }
            ended.signal()
        }
    }

    /// Runs a client, which has given everything back when this returns.
    private static func outcome(of client: consuming ChatClient) -> End {
        do throws(ChatFailure) {
            return .exited(try client.run())
        } catch {
            return .failed(error)
        }
    }

    /// Waits for the end.
    func result() throws -> End {
        guard ended.wait(timeout: .now() + .seconds(patience)) == .success else {
            throw NotInTime(description: "the client has not ended")
        }
        return try #require(end.withLock { $0 })
    }
}
