// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What MODE asks for, and how changes are said. https://modern.ircdocs.horse/#mode-message

import RoostIRC
import Testing

@Suite struct ModeTests {
    @Test(
        arguments: [
            (["+nt"], [.set(.noExternalMessages), .set(.topicProtected)]),
            (["nt"], [.set(.noExternalMessages), .set(.topicProtected)]),
            (["+ov-l", "a", "b"], [.set(.channelOperator, "a"), .set(.voice, "b"), .unset(.limit)]),
            (["-o+v", "a", "b"], [.unset(.channelOperator, "a"), .set(.voice, "b")]),
            (["+l-k", "5", "key"], [.set(.limit, "5"), .unset(.key, "key")]),
            (["-k"], [.unset(.key, "*")]),
            (["+b", "*!*@h"], [.set(.ban, "*!*@h")]),
            (["+o", "a", "+v", "b"], [.set(.channelOperator, "a"), .set(.voice, "b")]),
            (["+o", "a", "-v", "b"], [.set(.channelOperator, "a"), .unset(.voice, "b")]),
            (["+o", "a", "nt"], [.set(.channelOperator, "a")]),
            (["+-+--"], []), ([""], []), ([], []),
        ] as [([String], [ChannelModeChange])])
    func lettersTakeTheirParametersInOrder(arguments: [String], changes: [ChannelModeChange]) {
        var expected = ChannelModeRequest(parsing: [], modesMax: 4)
        expected.changes = changes
        #expect(ChannelModeRequest(parsing: arguments, modesMax: 4) == expected)
    }

    @Test func aListWithoutAMaskIsAQuestion() {
        let request = ChannelModeRequest(parsing: ["+beb-I"], modesMax: 4)
        #expect(request.queries == [.ban, .banException, .invitationException])
        #expect(request.changes == [] && request.faults == [])
    }

    @Test func whatIsWrongIsNamedAndTheRestIsTaken() {
        let request = ChannelModeRequest(parsing: ["+xmxo-éqvl+kl"], modesMax: 4)
        #expect(request.changes == [.set(.moderated), .unset(.limit)])
        #expect(
            request.faults == [
                .unknownMode("x"), .missingParameter(.channelOperator), .unknownMode("é"), .unknownMode("q"),
                .missingParameter(.voice), .missingParameter(.key), .missingParameter(.limit),
            ])
    }

    @Test func anUnknownLetterTakesNoParameter() {
        let request = ChannelModeRequest(parsing: ["+xo", "a"], modesMax: 4)
        #expect(request.changes == [.set(.channelOperator, "a")])
    }

    @Test func changesOverTheMostAreDroppedAndCounted() {
        let request = ChannelModeRequest(parsing: ["+vvnvv", "a", "b", "c", "d"], modesMax: 2)
        #expect(request.changes == [.set(.voice, "a"), .set(.voice, "b"), .set(.noExternalMessages)])
        #expect(request.surplus == 2)
        #expect(request.queries == [] && request.faults == [])
    }

    @Test(
        arguments: [
            ([], []), ([.set(.moderated)], [["+m"]]),
            ([.set(.channelOperator, "a"), .unset(.voice, "b")], [["+o-v", "a", "b"]]),
            ([.unset(.moderated), .unset(.key, "*"), .set(.limit, "3")], [["-mk+l", "*", "3"]]),
            (
                [.set(.voice, "a"), .set(.moderated), .set(.voice, "b"), .set(.voice, "c"), .unset(.moderated)],
                [["+vmv", "a", "b"], ["+v-m", "c"]]
            ),
        ] as [([ChannelModeChange], [[String]])])
    func changesArePrintedWithTheFewestSigns(changes: [ChannelModeChange], lines: [[String]]) {
        #expect(ModeChange.lines(of: changes, modesMax: 2) == lines)
    }

    @Test func aLineOfChangesHasAtMostItsBytes() {
        let masks = (0..<4).map { String(repeating: "\($0)", count: 100) }
        let lines = ModeChange.lines(of: masks.map { ChannelModeChange.set(.ban, $0) }, modesMax: 9, bytesMax: 250)
        #expect(lines == [["+bb", masks[0], masks[1]], ["+bb", masks[2], masks[3]]])
        #expect(ModeChange.lines(of: [ChannelModeChange.set(.ban, masks[0])], modesMax: 9, bytesMax: 5).count == 1)
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func readingWhatWasPrintedGivesTheSameChanges(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let changes = (0..<random.number(0...20)).map { _ in
            let mode = random.element(of: ChannelMode.allCases)
            let isSetting = random.chance(oneIn: 2)
            let isBare = mode.kind == .flag || mode.kind == .setParameter && !isSetting
            let parameter = isBare ? nil : random.text(of: Array("ab*!@.+-"), 1...12)
            return ChannelModeChange(isSetting: isSetting, mode: mode, parameter: parameter)
        }
        let modesMax = random.number(1...6)
        let bytesMax = random.number(10...100)
        let lines = ModeChange.lines(of: changes, modesMax: modesMax, bytesMax: bytesMax)
        let requests = lines.map { ChannelModeRequest(parsing: $0, modesMax: modesMax) }
        #expect(requests.flatMap(\.changes) == changes)
        #expect(requests.allSatisfy { $0.faults.isEmpty && $0.queries.isEmpty && $0.surplus == 0 })
        for line in lines where line.count > 2 {
            #expect(line.joined(separator: " ").utf8.count <= bytesMax)
        }
    }

    @Test func userModesAreReadAlike() {
        let request = UserModeRequest(parsing: "i-w+xBy-o")
        #expect(request.changes == [.set(.invisible), .unset(.wallops), .set(.bot), .unset(.ircOperator)])
        #expect(request.hasUnknown)
        #expect(!UserModeRequest(parsing: "+i-").hasUnknown)
        #expect(ModeChange.lines(of: request.changes, modesMax: 4) == [["+i-w+B-o"]])
    }

    @Test func whatIsAdvertisedIsWhatThereIs() {
        #expect(ChannelMode.chanmodes == "Ibe,k,l,imnpst")
        #expect(ChannelMode.prefixes == "(ohv)@%+")
        #expect(ChannelMode.statusPrefixes == "@%+")
        #expect(UserMode.letters == "Biow")
        let named = ChannelMode.chanmodes.filter { $0 != "," } + ChannelMode.statuses.map(\.rawValue)
        #expect(String(named.sorted()) == ChannelMode.letters { _ in true })
    }

    @Test func aPrefixFindsItsStatus() {
        #expect(ChannelMode(prefix: "%") == .halfOperator)
        #expect(ChannelMode(prefix: "~") == nil)
    }
}
