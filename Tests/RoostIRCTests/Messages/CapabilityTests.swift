// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Names of capabilities, sets of them, and CAP REQ. https://ircv3.net/specs/extensions/capability-negotiation

import RoostIRC
import Testing

@Suite struct CapabilityTests {
    @Test func whatIsOfferedIsWhatIsImplementedInTheOrderOfNames() {
        #expect(
            CapabilitySet.all.tokens(withValues: true) == [
                "away-notify", "batch", "cap-notify", "echo-message", "extended-join", "invite-notify",
                "message-tags", "multi-prefix", "server-time", "setname", "standard-replies", "userhost-in-names",
            ])
    }

    @Test(arguments: Capability.allCases)
    func aNameFindsItsCapabilityAndEachHasABitOfItsOwn(capability: Capability) {
        #expect(Capability(name: capability.name) == capability)
        #expect(CapabilitySet(capability).rawValue.nonzeroBitCount == 1)
        #expect(CapabilitySet(capability).capabilities == [capability])
    }

    @Test(arguments: ["sasl", "Server-Time", "", "server-time=1"])
    func otherNamesFindNothing(name: String) {
        #expect(Capability(name: name) == nil)
    }

    @Test func aRequestSwitchesOnAndOffAndTheLaterOneCounts() throws {
        let request = try #require(CapabilityRequest(parsing: " server-time -echo-message  setname -setname "))
        #expect(request.enabled == .serverTime)
        #expect(request.disabled == [.echoMessage, .setname])
        #expect(request.applied(to: [.echoMessage, .multiPrefix]) == [.serverTime, .multiPrefix])
    }

    @Test(arguments: ["server-time nonsense", "-nonsense", "- server-time", "--setname"])
    func aRequestForWhatIsNotThereIsRefusedWhole(text: String) {
        #expect(CapabilityRequest(parsing: text) == nil)
    }

    @Test func anEmptyRequestChangesNothing() throws {
        let request = try #require(CapabilityRequest(parsing: ""))
        #expect(request.applied(to: .awayNotify) == .awayNotify)
    }
}
