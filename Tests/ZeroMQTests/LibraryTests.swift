// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The library is the one that Roost is designed for.

import Testing
import ZeroMQ

@Suite struct LibraryTests {
    @Test func theLibraryIsNotOlderThanItsHeader() {
        #expect(Library.version >= Library.headerVersion)
        #expect(Library.version >= (4, 3, 0))
        #expect(Library.hasCurve)
    }
}
