// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The program under test, as a user has it: where it is, and how to run a command of it to its end.

import Foundation
import Glibc
import Testing

@ProcessThread
enum Roost {
    /// The binary: `ROOST_BINARY`, or the one that was built beside these tests.
    nonisolated static let binary: String = {
        if let path = ProcessInfo.processInfo.environment["ROOST_BINARY"] { return path }
        // The tests are a program of their own; where they are loaded by another, its arguments name them.
        let candidates =
            [URL(filePath: CommandLine.arguments.first ?? ""), executable]
            + CommandLine.arguments
            .filter { $0.contains(".xctest") }.map { URL(filePath: $0) }
        let beside = candidates.map { $0.deletingLastPathComponent().appending(path: "roost").path }
        return beside.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "roost"
    }()

    private nonisolated static var executable: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    }

    /// The folder of the sources, for examples that are run as they stand in the documentation.
    nonisolated static let sources: URL = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What a command that has ended wrote, standard error included.
    struct Output {
        let end: ChildProcess.End
        let text: String
        var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    /// Runs `roost` with these arguments until it ends.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        within limit: Duration = Deadline.patience, at location: SourceLocation = #_sourceLocation
    ) throws -> Output {
        let folder = try TemporaryFolder()
        let file = folder.path + "/output"
        let child = try ChildProcess(
            [binary] + arguments, streams: .pipeAndFile(file), environment: environment)
        child.write(input)
        child.closeInput()
        do {
            let end = try child.waitForEnd(within: limit, at: location)
            return Output(end: end, text: text(of: file))
        } catch {
            throw Failure("roost \(arguments.joined(separator: " ")): \(error)\n\(text(of: file))", at: location)
        }
    }

    /// What stands in a file; nothing where there is none.
    nonisolated static func text(of file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}

/// A folder that goes when nobody holds it any more.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // Short: the path of a Unix socket may have 107 bytes.
        path = "/tmp/roost-e2e-\(getpid())-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What cannot be removed is in /tmp.
        try? FileManager.default.removeItem(atPath: path)
    }
}
