// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How a test waits, and what it says when it waited in vain.

import Glibc
import Testing

/// Why a test cannot go on, and where it was.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, at location: SourceLocation) {
        description = "\(location.fileName):\(location.line): \(what)"
    }
}

/// The moment at which a wait ends.
struct Deadline {
    /// Debug builds on two busy cores are slow; a wait that succeeds ends at once all the same.
    static let patience = Duration.seconds(20)

    private let end: ContinuousClock.Instant

    init(after limit: Duration) { end = .now + limit }

    var hasPassed: Bool { ContinuousClock.now >= end }

    /// What is left, for poll(2): at least 1, so that a loop around it does not spin.
    var milliseconds: CInt {
        let left = (end - .now).components
        return CInt(clamping: max(1, left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000))
    }
}

/// Waits for a condition.
@ProcessThread
func eventually(
    _ what: String, within limit: Duration = Deadline.patience, at location: SourceLocation = #_sourceLocation,
    _ isSo: () throws -> Bool
) throws {
    let deadline = Deadline(after: limit)
    while try !isSo() {
        if deadline.hasPassed { throw Failure("not within \(limit): \(what)", at: location) }
        usleep(10_000)
    }
}

/// Ends the test where something is not as it must be.
func require(_ isSo: Bool, _ what: @autoclosure () -> String, at location: SourceLocation = #_sourceLocation) throws {
    if !isSo { throw Failure(what(), at: location) }
}

/// Ends the test where two values differ, and shows both.
func require<Value: Equatable>(
    _ what: String, _ got: Value, is wanted: Value, at location: SourceLocation = #_sourceLocation
) throws {
    if got != wanted { throw Failure("\(what): \(got) instead of \(wanted)", at: location) }
}
