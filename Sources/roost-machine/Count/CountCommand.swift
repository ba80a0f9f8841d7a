// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost-machine count`: takes one path so many times, for a tool that counts instructions from outside.

import ArgumentParser

/// Takes a path.
struct CountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Takes a path so many times, for a tool that counts instructions.",
        discussion: """
            Two runs with the same --prepared differ by what the operations cost, and by nothing else. Run it with \
            SWIFT_DETERMINISTIC_HASHING=1. `make bench-check` does all that.
            """)

    @Argument(help: "The path: \(HotPath.allCases.map(\.rawValue).joined(separator: ", ")).")
    var path: String

    @Option(help: "How often it is taken.")
    var operations: Int

    @Option(help: "For how many times everything is prepared; not less than --operations.")
    var prepared: Int

    @Option(help: "The seed of who does what.")
    var seed: UInt64 = 1

    mutating func validate() throws {
        guard HotPath(rawValue: path) != nil else {
            let known = HotPath.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no path \(path); there are \(known).")
        }
        guard operations >= 0, prepared >= max(1, operations) else {
            throw ValidationError("--operations is from 0 to --prepared.")
        }
    }

    mutating func run() throws {
        guard let path = HotPath(rawValue: path) else { throw ExitCode.validationFailure }
        try path.take(operations, of: prepared, seed: seed)
    }
}
