// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Runs the system's own commands for networks.

import Foundation

/// Commands of the system.
enum Shell {
    /// Runs a command to its end.
    ///
    /// - Throws: what it wrote to standard error, where it fails.
    static func run(_ command: [String]) throws(ChaosFailure) {
        let child = Process()
        child.executableURL = URL(filePath: "/usr/bin/env")
        child.arguments = command
        child.standardInput = FileHandle.nullDevice
        child.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        child.standardError = errors
        do { try child.run() } catch {
            throw ChaosFailure(.broken, "\(command.joined(separator: " ")): \(error.localizedDescription)")
        }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        child.waitUntilExit()
        guard child.terminationStatus == 0 else {
            let reason = said.split(separator: "\n").first.map(String.init) ?? "exit code \(child.terminationStatus)"
            throw ChaosFailure(.broken, "\(command.joined(separator: " ")): \(reason)")
        }
    }

    /// Whether a program can be found.
    static func has(_ program: String) -> Bool {
        let folders =
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/sbin", "/sbin"]
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
}
