// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Whether a password fits what the configuration holds. Hashes are those of crypt(3), which `openssl passwd -6` and
// `mkpasswd` print, so no tool of ours is needed to make one. Slow by design: never call it while holding a lock.

import CCrypt

/// Compares passwords that clients send with those of the configuration.
public enum PasswordCheck {
    /// Whether `given` is the password that `stored` asks for: a crypt(3) hash, else plain text, compared in a time
    /// that does not depend on where they differ. An empty `stored` fits nothing. May take tens of milliseconds.
    public static func verify(_ given: String, against stored: String) -> Bool {
        guard !stored.isEmpty, !given.utf8.contains(0) else { return false }
        guard isHash(stored) else { return areEqual(given, stored) }
        guard let hash = hash(given, setting: stored) else { return false }
        return areEqual(hash, stored)
    }

    /// Whether `stored` is meant as a hash: `$`, a method, `$`.
    static func isHash(_ stored: String) -> Bool {
        stored.hasPrefix("$") && stored.dropFirst().drop { $0.isASCII && ($0.isLetter || $0.isNumber) }.hasPrefix("$")
    }

    /// Whether this system's crypt(3) can check the hash, as far as its beginning tells.
    static func isSupportedHash(_ stored: String) -> Bool {
        hash("", setting: stored).map { $0.utf8.count == stored.utf8.count } ?? false
    }

    private static func hash(_ password: String, setting: String) -> String? {
        var scratch = crypt_data()
        // On failure crypt_r gives nil or a text that begins with `*` and can be no hash.
        guard let result = crypt_r(password, setting, &scratch) else { return nil }
        let hash = String(cString: result)
        return hash.hasPrefix("*") ? nil : hash
    }

    private static func areEqual(_ given: String, _ stored: String) -> Bool {
        let expected = Array(stored.utf8)
        var difference = given.utf8.count ^ expected.count
        for (index, byte) in given.utf8.enumerated() {
            difference |= Int(byte ^ expected[index % expected.count])
        }
        return difference == 0
    }
}
