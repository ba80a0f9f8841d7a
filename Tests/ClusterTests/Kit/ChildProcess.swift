// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A process that a test started: its input, its output in a file, its end.

import Foundation
import Glibc
import Testing

/// A child of the test. It is killed, by its number, when nobody holds it any more.
@ProcessThread
final class ChildProcess {
    /// How a process ended.
    enum End: Equatable {
        case exited(Int32)
        case killed(by: Int32)
    }

    /// Where its standard input, output and error lead.
    enum Streams {
        /// A pipe from us, which ends with us; and a file that is added to.
        case pipeAndFile(String)
        /// A pseudo-terminal, of which this is the process's end.
        case terminal(String)
    }

    nonisolated let pid: pid_t
    /// Our end of its standard input; -1 where there is none or it is closed.
    private var input: CInt = -1
    /// Set once, when it was waited for.
    private var ended: End?

    /// - Parameter environment: goes over that of the test, from which all `ROOST_…` variables are taken.
    init(_ command: [String], streams: Streams, environment: [String: String] = [:]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        // A group of its own: what a terminal sends to the test does not reach it unasked.
        var flags = POSIX_SPAWN_SETPGROUP
        var pipeEnds: [CInt] = [-1, -1]
        switch streams {
        case .pipeAndFile(let path):
            guard pipe(&pipeEnds) == 0 else { throw SystemFailure(what: "make a pipe", number: errno) }
            for end in pipeEnds { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, pipeEnds[0], STDIN_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        case .terminal(let path):
            // The leader of a new session gets the first terminal that it opens.
            flags = 0x80  // POSIX_SPAWN_SETSID, which the importer leaves out
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags) | Int16(POSIX_SPAWN_SETSIGMASK))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)

        let variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ROOST_") }
            .merging(environment) { $1 }
        var arguments = command.map { strdup($0) } + [nil]
        var assignments = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + assignments { free(text) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, &assignments)
        if pipeEnds[0] >= 0 { close(pipeEnds[0]) }
        input = pipeEnds[1]
        self.pid = pid
        if status != 0 { throw SystemFailure(what: "run \(command[0])", number: status) }
    }

    isolated deinit {
        if input >= 0 { close(input) }
        guard ended == nil, pid > 0 else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// How it ended; nil while it runs.
    var end: End? {
        if let ended { return ended }
        var status: CInt = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7F
        ended = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(by: signal)
        return ended
    }

    /// Sends a signal, unless it has ended.
    func signal(_ number: CInt) {
        if end == nil { kill(pid, number) }
    }

    /// Kills it and waits for its end.
    func stop() {
        guard end == nil else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        ended = .killed(by: SIGKILL)
    }

    /// Waits for it to end by itself.
    func waitForEnd(
        within limit: Duration = Deadline.patience, at location: SourceLocation = #_sourceLocation
    ) throws -> End {
        try eventually("process \(pid) ends", within: limit, at: location) { end != nil }
        guard let end else { throw Failure("process \(pid) runs", at: location) }
        return end
    }

    /// Writes to its standard input.
    func write(_ text: String) {
        // A process that reads no more shows it by its end.
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
    }

    /// Ends its standard input.
    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }
}
