// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost cluster up`: makes the plan, checks the ports, takes the directory, and runs the supervisor in the foreground
// or in the background, with this process's signals as its inputs.

import Dispatch
import Foundation
import Glibc

/// Starts clusters.
public enum ClusterLauncher {
    /// Runs a cluster until it is stopped by SIGINT, SIGTERM or `down`, and leaves no process behind. SIGHUP stops
    /// it too when a terminal is attached; otherwise it is forwarded to the nodes.
    ///
    /// - Parameters:
    ///   - options: What to start.
    ///   - inNewSession: Whether to leave the terminal first, as the command that `upDetached` starts must.
    ///   - print: Takes lines for the person who watches.
    /// - Throws: When the cluster could not be started.
    public static func up(
        _ options: ClusterOptions, inNewSession: Bool = false, print: @escaping (String) -> Void
    ) throws(ClusterFailure) {
        if inNewSession { setsid() }
        let mailbox = Mailbox()
        let isAttached = isatty(STDIN_FILENO) == 1
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // The source reports it; the default action would end us before the nodes.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                mailbox.put(.signal(number == SIGHUP && isAttached ? SIGTERM : number))
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try run(options, mailbox: mailbox, print: print)
    }

    /// The same without signals of its own: `mailbox` brings them.
    static func run(
        _ options: ClusterOptions, mailbox: Mailbox, print: @escaping (String) -> Void
    ) throws(ClusterFailure) {
        let plan = try ClusterPlan(options)
        try createDirectory(plan.directory)
        guard let lock = try DirectoryLock(plan.directory) else { throw alreadyRunning(plan.directory) }
        try BusyPorts.check(plan)
        try plan.writeFiles()
        let listener = try ControlSocket.listen(in: plan.directory, mailbox: mailbox)
        defer { ControlSocket.close(listener, in: plan.directory) }
        var supervisor = Supervisor(plan, options, mailbox: mailbox, say: print) { state in
            print(announcement(state, options))
            print("\nCtrl-C stops all of it.")
        }
        try supervisor.run()
        print("stopped; no process is left")
        _ = consume lock
    }

    /// Starts `command`, which must be `up` with the same options and `inNewSession`, with its output in
    /// `cluster.log`, and returns when all nodes serve.
    ///
    /// - Throws: When the cluster could not be started, with the line in which the command said why.
    public static func upDetached(
        _ options: ClusterOptions, command: [String], print: (String) -> Void
    ) throws(ClusterFailure) {
        let directory = try ClusterPlan(options).directory
        try createDirectory(directory)
        if let connection = try ControlSocket.connect(to: directory) {
            close(connection)
            throw alreadyRunning(directory)
        }
        let log = "\(directory)/cluster.log"
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [output, input] { close(descriptor) } }
        guard output >= 0, input >= 0 else {
            throw ClusterFailure(.system, "\(log): \(String(cString: strerror(errno))); choose another --dir")
        }
        let pid = try spawn(
            command, options.environment, flags: 0, input: input, output: output)
        while true {
            if let state = ClusterState.read(in: directory), state.supervisor == pid, state.ready {
                print(announcement(state, options))
                let place = options.directory == ClusterOptions.directory ? "" : " --dir \(options.directory)"
                print("\nIt runs in the background; `\(options.programName) cluster down\(place)` stops it.")
                return
            }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                let reason = LogTail.lastLine(of: log) ?? "the supervisor ended: \(Child.Ending(status: status))"
                throw ClusterFailure(.nodeFailed, reason)
            }
            usleep(50_000)
        }
    }

    private static func announcement(_ state: ClusterState, _ options: ClusterOptions) -> String {
        "\(state.table)\n\n\(state.linesToCopy(programName: options.programName))"
    }

    private static func createDirectory(_ directory: String) throws(ClusterFailure) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ClusterFailure(
                .system, "\(directory): cannot be created (\(error.localizedDescription)); choose another --dir")
        }
    }

    private static func alreadyRunning(_ directory: String) -> ClusterFailure {
        ClusterFailure(
            .alreadyRunning,
            "a cluster runs in \(directory) already; stop it with `roost cluster down`, or choose another --dir")
    }
}
