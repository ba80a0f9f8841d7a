// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The command line of the chaos runs: which cases, how often, what is printed, and the exit code.

import ArgumentParser
import Dispatch
import Foundation
import RoostChaos

/// `roost-chaos`.
@main
struct RoostChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-chaos",
        abstract: "Breaks clusters of real nodes while people talk in them, and prints what that cost.",
        discussion: """
            Each case runs on a fresh cluster; docs/chaos.md describes the plans. The exit code is 1 if a case failed. \
            What each node and client said is left in a folder of the case's name under --dir.
            """)

    @Option(name: .customLong("case"), help: "A case to run; may be repeated. Default: all.")
    var cases: [String] = []
    @Option(help: "How often to run each case.")
    var `repeat` = 1
    @Option(help: ArgumentHelp("The folder of the plans.", valueName: "folder"))
    var plans = "cluster/faults"
    @Option(help: ArgumentHelp("The program that is a node.", valueName: "file"))
    var roost = ".build/release/roost"
    @Option(help: ArgumentHelp("Where logs are left.", valueName: "folder"))
    var dir = "run/chaos"
    @Option(help: "The first client port to try; others follow 100 apart where it is taken.")
    var basePort = 17_667
    @Option(help: "Of the choice of who talks to whom.")
    var seed: UInt64 = 1
    @Flag(help: "Print one JSON object a run.")
    var json = false
    @Flag(help: "Print the cases and what they show, and end.")
    var list = false
    @Flag(help: "Print what is done while it is done, and examples of what went wrong.")
    var verbose = false

    func validate() throws {
        guard (1...1_000).contains(`repeat`) else { throw ValidationError("--repeat takes 1 to 1000.") }
    }

    func run() throws {
        let chosen = try choosePlans()
        if list {
            for plan in chosen { print("\(plan.name)\n    \(plan.shows)") }
            return
        }
        guard FileManager.default.isExecutableFile(atPath: roost) else {
            throw ValidationError("--roost \(roost): no such program; `make build` makes it.")
        }
        let interruption = Interruption()
        let sources = watchSignals(interruption)
        defer { for source in sources { source.cancel() } }
        let settings = ChaosSettings(
            roost: URL(filePath: roost).path, topology: "\(plans)/cluster.yaml", directory: dir, basePort: basePort,
            seed: seed)
        if !json { print(ChaosTable.header) }
        var isGood = true
        for _ in 0..<`repeat` {
            for plan in chosen where !interruption.isRequested {
                let outcome = CaseRun.run(plan, settings, interruption, say: tell)
                isGood = isGood && outcome.isGood
                print(json ? ChaosTable.json(outcome) : ChaosTable.row(outcome))
                if verbose, case .judged(let figures, _) = outcome.result {
                    for example in figures.examples { tell(example) }
                }
                fflush(nil)
            }
        }
        if !json { print("\n\(ChaosTable.legend)") }
        guard isGood, !interruption.isRequested else { throw ExitCode(1) }
    }

    private func tell(_ line: String) {
        if verbose { FileHandle.standardError.write(Data("    \(line)\n".utf8)) }
    }

    /// All plans of the folder, or those that were asked for, in the order asked for.
    private func choosePlans() throws -> [FaultPlan] {
        var all: [FaultPlan] = []
        let files: [String]
        do { files = try FileManager.default.contentsOfDirectory(atPath: plans).sorted() } catch {
            throw ValidationError("--plans \(plans): \(error.localizedDescription)")
        }
        for file in files where file.hasSuffix(".plan") {
            let path = "\(plans)/\(file)"
            let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            do { all.append(try FaultPlan(parsing: text)) } catch { throw ValidationError("\(path):\(error)") }
        }
        guard !cases.isEmpty else { return all }
        return try cases.map { name in
            guard let plan = all.first(where: { $0.name == name }) else {
                throw ValidationError("--case \(name): there are \(all.map(\.name).joined(separator: ", ")).")
            }
            return plan
        }
    }

    /// Before any other thread is there, which has the mask of this one: a signal that some thread would let through
    /// ends the process, or is thrown away, and no source sees it.
    private func watchSignals(_ interruption: Interruption) -> [any DispatchSourceSignal] {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&mask, number) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { interruption.request() }
            source.resume()
            return source
        }
    }
}
