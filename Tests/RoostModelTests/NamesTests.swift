// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nicks and channels are the same however they are written, and are shown as they were.

import RoostModel
import Testing

struct NamesTests {
    @Test func nicksCompareByTheASCIICaseMapping() {
        let (upper, lower) = (Nick("AlicE[1]"), Nick("alice[1]"))
        #expect(upper == lower)
        #expect(Set([upper, lower]).count == 1)
        #expect(upper.description == "AlicE[1]")
        #expect(upper.folded == "alice[1]")
        // The `rfc1459` mapping would make these the same.
        #expect(Nick("alice[1]") != Nick("alice{1}"))
        #expect(Nick("a") < Nick("B"))
    }

    @Test func channelsCompareByTheASCIICaseMapping() {
        #expect(ChannelName("#Café") == ChannelName("#café"))
        #expect(ChannelName("#CAFÉ") != ChannelName("#café"))
        #expect(ChannelName("#CAFÉ").folded == "#cafÉ")
        #expect(Set([ChannelName("#A"), ChannelName("#a")]).count == 1)
        #expect(ChannelName("#a") < ChannelName("#B"))
        #expect(ChannelName("#A").description == "#A")
    }

    @Test func onlyLettersOfASCIIAreLowered() {
        #expect(asciiLowercased("@AZ[`az{ÄÖ") == "@az[`az{ÄÖ")
        #expect(asciiLowercased("plain") == "plain")
        #expect(asciiLowercased("") == "")
    }
}
