// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One child process: started with posix_spawn, its output in a log file, and bound to this process by a pipe.
//
// The pipe is the child's standard input and nothing is ever written to it. Its other end is held here alone and is
// closed by the system when this process ends, even by SIGKILL; the child (`--exit-with-parent`) sees the end of the
// file and ends too. No process is left behind, and nothing depends on signals or process ids for that.

import Foundation
import Glibc

/// A running child. Its one owner calls `reap` once, after its end was reported, and forgets it.
struct Child {
    let pid: pid_t
    private let lifeline: Int32

    /// How a process ended.
    struct Ending: Equatable, CustomStringConvertible {
        /// As waitpid(2) gives it.
        let status: Int32

        var isBySignal: Bool { status & 0x7F != 0 }

        var description: String {
            let signal = status & 0x7F
            guard !isBySignal else {
                return "killed by signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "unknown"))"
            }
            return "exit code \((status >> 8) & 0xFF)"
        }
    }

    /// Starts `command` (a path and arguments) in a process group of its own, so that a Ctrl-C reaches the supervisor
    /// alone; `onEnd` is called on a thread of its own when the process has ended.
    init(
        _ command: [String], environment: [String: String], log: String, onEnd: @escaping @Sendable (pid_t) -> Void
    ) throws(ClusterFailure) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw Self.failure("open", log) }
        defer { close(output) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.failure("pipe", log) }
        defer { close(ends[0]) }
        // Only this process spawns children, one after the other, so none can be born between these two calls.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(ClusterFailure) {
            pid = try spawn(
                command, environment, flags: POSIX_SPAWN_SETPGROUP, input: ends[0], output: output)
        } catch {
            close(ends[1])
            throw error
        }
        lifeline = ends[1]
        let pid = pid
        let watch = Thread {
            var info = siginfo_t()
            // WNOWAIT keeps the process id taken until `reap`, so a signal sent meanwhile cannot hit a stranger.
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
            onEnd(pid)
        }
        watch.name = "wait-\(pid)"
        watch.start()
    }

    func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Takes note of the end of the process.
    func reap() -> Ending {
        close(lifeline)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        return Ending(status: status)
    }

    fileprivate static func failure(_ call: String, _ subject: String, _ code: Int32 = errno) -> ClusterFailure {
        ClusterFailure(.system, "\(subject): \(call): \(String(cString: strerror(code)))")
    }
}

/// posix_spawn with default signals, the given input, and one file for both outputs.
func spawn(
    _ command: [String], _ environment: [String: String], flags: Int32, input: Int32, output: Int32
) throws(ClusterFailure) -> pid_t {
    guard let program = command.first else { throw ClusterFailure(.system, "no program to start was given") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Ignored signals stay ignored in a new program; ours are none of the child's business.
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    let signals = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    posix_spawnattr_setflags(&attributes, Int16(signals | flags))

    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, program, &actions, &attributes, &arguments, &variables)
    guard code == 0 else { throw Child.failure("start", program, code) }
    return pid
}
