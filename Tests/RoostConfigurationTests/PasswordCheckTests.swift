// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Plain passwords and hashes that the system's own tools made.

import Testing

@testable import RoostConfiguration

@Suite struct PasswordCheckTests {
    /// Aim: hashes made elsewhere are understood. Method: `openssl passwd -6 -salt abc x`, `mkpasswd -m yescrypt`.
    @Test(arguments: [
        "$6$abc$K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJTrmn2BsJK2aNmPN8Tfb826D2o9.z51",
        "$y$j75$abcdefgh$wPWF6ZngZZxi0TBX8BqPcYXMIarFww.baLy6hMEGMb9",
    ])
    func aHashFitsItsPasswordOnly(hash: String) {
        #expect(PasswordCheck.verify("x", against: hash))
        #expect(!PasswordCheck.verify("y", against: hash))
        #expect(!PasswordCheck.verify("", against: hash))
        #expect(!PasswordCheck.verify(hash, against: hash))
        #expect(PasswordCheck.isSupportedHash(hash))
    }

    @Test func plainTextFitsItselfOnly() {
        #expect(PasswordCheck.verify("hünter2", against: "hünter2"))
        for wrong in ["", "h", "hünter", "hünter22", "Hünter2", "hünter2\0"] {
            #expect(!PasswordCheck.verify(wrong, against: "hünter2"))
        }
        #expect(!PasswordCheck.verify("", against: ""))
        #expect(PasswordCheck.verify("$5.00", against: "$5.00"))
    }

    /// Aim: a hash that nothing could ever fit is refused at the start. Method: cut and unknown hashes.
    @Test(arguments: ["$6$abc$K4v3", "$nosuch$abc$def", "$6$", "$$"])
    func aBrokenHashIsRefused(hash: String) {
        #expect(!PasswordCheck.verify("x", against: hash))
        #expect(throws: ConfigurationErrors.self) {
            try Configuration.load(yaml: "password: '\(hash)'", named: "f.yaml")
        }
    }
}
