// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: a row stands for the steps that its explanation names, and flags replace what they say they replace.

import ArgumentParser
import Testing

@testable import roost_bench

struct CampaignTests {
    private func titles(of row: Row, _ change: (inout Settings) -> Void = { _ in }) throws -> [String] {
        var settings = Settings()
        change(&settings)
        let campaign = Campaign(settings: settings, server: try ServerProcesses(named: [], listeningOn: []))
        return campaign.steps(of: row).map { $0.title(rate: 1_000) }
    }

    @Test(
        arguments: [
            (Row.memory, ["idle clients, 5,000"]), (.memoryRemote, ["users of another node, 18,000"]),
            (.registrations, ["registrations, 5,000"]),
            (.channel, ["channel of 1,000, window 8", "channel of 1,000, window 64"]),
            (.rooms, ["50 channels of 10"]), (.private, ["private, 50 pairs", "private, 1 pair alone"]),
            (.privateAcross, ["private across, 50 pairs", "private across, 1 pair alone"]),
            (.openLoop, ["open loop, 1,000/s"]), (.openLoopAcross, ["open loop across, 1,000/s"]),
            (.silent, ["channel of 20, and 20 silent"]), (.burst, ["burst of one, window 20,000"]),
        ])
    func withoutFlagsARowIsWhatItsExplanationSays(row: Row, expected: [String]) throws {
        #expect(try titles(of: row) == expected)
    }

    @Test(
        arguments: [
            (Row.memory, ["idle clients, 10,000"]), (.memoryRemote, ["users of another node, 10,000"]),
            (.registrations, ["registrations, 10,000"]),
            (.channel, ["channel of 10,000, window 8", "channel of 10,000, window 64"]),
            (.private, ["private, 5,000 pairs"]), (.privateAcross, ["private across, 5,000 pairs"]),
        ])
    func clientsReplaceARowsOwnNumber(row: Row, expected: [String]) throws {
        #expect(try titles(of: row) { $0.clients = 10_000 } == expected)
    }

    @Test func aWindowReplacesBothOfTheChannels() throws {
        #expect(try titles(of: .channel) { ($0.clients, $0.window) = (500, 64) } == ["channel of 500, window 64"])
    }

    @Test(arguments: ["memory-remote", "private-across", "open-loop-across"])
    func rowsAcrossNodesNeedTwoTargets(row: String) throws {
        #expect(throws: (any Error).self) { try RoostBench.parse(["--rows", row]) }
        _ = try RoostBench.parse(["--rows", row, "--target", "127.0.0.1:6667", "--target", "127.0.0.1:6668"])
    }
}
