// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How commands speak: results on standard output, one line about a failure on standard error, an exit code.

import ArgumentParser
import Foundation
import RoostConfiguration

enum CommandOutput {
    /// Prints a line at once, also into a pipe or a file.
    static func say(_ line: String) {
        write(line, to: .standardOutput)
    }

    /// Prints what failed.
    static func complain(_ line: String) {
        write(line, to: .standardError)
    }

    /// Prints what failed, for `throw`: 1 is an operational failure and 64 wrong usage.
    static func failure(_ line: String, code: Int32 = 1) -> ExitCode {
        complain(line)
        return ExitCode(code)
    }

    /// Prints all that is wrong with a configuration; it is wrong usage if only flags are to blame.
    static func failure(_ errors: ConfigurationErrors) -> ExitCode {
        let isUsage = errors.problems.allSatisfy { problem in
            if case .flag = problem.source { true } else { false }
        }
        return failure(errors.description, code: isUsage ? ExitCode.validationFailure.rawValue : 1)
    }

    private static func write(_ line: String, to handle: FileHandle) {
        // When nobody reads any more there is nobody to tell.
        try? handle.write(contentsOf: Data((line + "\n").utf8))
    }
}
