// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: the floor servers do what the rows ask for, and lose, double or reorder nothing, so that their figures are of whole
// work. The generator judges: it runs its rows against the real program.

import Foundation
import Glibc
import Testing

@testable import roost_bench

struct FloorTests {
    @Test(arguments: ["each", "gathered"])
    func everyRowIsWhole(writing: String) throws {
        let floor = try Floor(writing: writing)
        defer { floor.end() }
        var campaign = try floor.campaign { ($0.clients, $0.rooms) = (20, 3) }
        for row in Row.allCases where row.isUsual && !row.needsTwoNodes {
            for step in campaign.steps(of: row) {
                let measurement = try campaign.measure(step)
                #expect(measurement.faults.total == 0, "\(row): \(measurement.faults.description)")
            }
        }
    }

    @Test(arguments: ["each", "gathered"])
    func thePressureRowsAreWhole(writing: String) throws {
        let floor = try Floor(writing: writing)
        defer { floor.end() }
        var campaign = try floor.campaign { $0.patience = .milliseconds(200) }
        for step in [Step.silent(0, talkers: 5), .burst(window: 500)] {
            let measurement = try campaign.measure(step)
            #expect(measurement.faults.total == 0, "\(measurement.faults.description)")
            #expect(measurement.checked > 0)
        }
        // A floor has no limits: it keeps all that nobody reads.
        #expect(throws: BenchFailure.self) { try campaign.measure(.silent(1, talkers: 5)) }
    }

    /// 34 MB wait for two receivers, and no socket holds a tenth of that.
    @Test(arguments: ["each", "gathered"])
    func whatASocketDoesNotTakeIsWrittenLaterInOrder(writing: String) throws {
        let floor = try Floor(writing: writing)
        defer { floor.end() }
        var campaign = try floor.campaign {
            ($0.clients, $0.window, $0.warmUp) = (3, 60_000, .zero)
            $0.bodyLength = 250
        }
        let measurement = try campaign.measure(.channel(members: 3, window: 60_000))
        #expect(measurement.faults.total == 0, "\(measurement.faults.description)")
        #expect(measurement.checked >= 120_000)
    }

    @Test(arguments: [["--port", "6721"], ["--port", "0", "--write", "each"], ["--port", "6721", "--write", "some"]])
    func aWrongCommandLineIsAUsageError(arguments: [String]) throws {
        let process = Process()
        process.executableURL = Floor.binary
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
    }
}

/// A floor that runs as long as the test.
private struct Floor {
    /// Built beside these tests.
    static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "roost-floor")

    private let process: Process
    private let port: UInt16

    init(writing: String) throws {
        let deadline = Moment.now().advanced(by: .seconds(10))
        while true {
            let port = try Self.freePort()
            let process = Process()
            process.executableURL = Self.binary
            process.arguments = ["--port", "\(port)", "--write", writing]
            try process.run()
            while process.isRunning {
                if try ServerProcesses(named: [], listeningOn: [port]).pids == [process.processIdentifier] {
                    (self.process, self.port) = (process, port)
                    return
                }
                usleep(5_000)
            }
            // Another process took the port first.
            try #require(Moment.now() < deadline, "the floor does not listen")
        }
    }

    func end() {
        // It inherits what signals a thread of the tests blocks, and SIGTERM may be among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func campaign(_ change: (inout Settings) -> Void) throws -> Campaign {
        var settings = Settings()
        settings.targets = [try #require(Endpoint("127.0.0.1:\(port)"))]
        settings.measured = .milliseconds(50)
        settings.warmUp = .milliseconds(10)
        change(&settings)
        return Campaign(settings: settings, server: try ServerProcesses(named: [], listeningOn: [port]))
    }

    /// One that the system gives out for a moment; another process may take it before the floor does.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        try #require(status == 0, "\(SystemError.text(errno))")
        return UInt16(bigEndian: address.sin_port)
    }
}
