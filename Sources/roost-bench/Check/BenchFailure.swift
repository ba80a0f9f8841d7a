// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The one error of the load generator: what it tried, on what, and why that failed. Deliveries that go wrong are not
// errors but counts, and live in DeliveryFaults.

/// Why a row, or the whole program, could not be carried out.
struct BenchFailure: Error, CustomStringConvertible {
    enum Code {
        /// The operating system refused.
        case system
        /// The server closed a connection or never let it in.
        case connectionLost
        /// The server answered with an error numeric.
        case refused
        /// Nothing moved for longer than the patience of the phase.
        case stalled
        /// A server process could not be observed.
        case process
    }

    let code: Code
    let attempted: String
    let target: String
    let cause: String

    var description: String { "\(attempted), \(target): \(cause)" }

    /// A failure from `errno`, to be made right after the call that set it.
    static func system(_ attempted: String, on target: String, error: Int32) -> BenchFailure {
        BenchFailure(code: .system, attempted: attempted, target: target, cause: SystemError.text(error))
    }
}
