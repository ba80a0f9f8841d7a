// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Secrets and keys are what they look like, follow from each other in one way for all time, and show nothing of
// themselves; files with keys are for their owner alone.

import Foundation
import Testing
import ZeroMQ

@testable import RoostKeys

@Suite struct KeyTests {
    /// The bytes 0 to 31.
    private let known = "roost-cluster-000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

    /// Aim: no version of Roost may derive other keys than the one before. Method: HKDF-SHA-256 of known bytes, computed
    /// with Python's hmac module, and the public key by libzmq.
    @Test func aKnownSecretGivesKnownKeys() throws {
        let keys = try ClusterKeys(try #require(ClusterSecret(known)))
        #expect(
            Hexadecimal.text(of: keys.node.secretKey.bytes)
                == "e04af2a1413b5df4e7e455b2a698d7c077535856a46e8e46bfe27e59ab474292")
        #expect(
            keys.statsKey.text
                == "roost-stats-dde9ab19ca19053913e176a0bb821e05bea7d20b641327145da6dbe729571357"
                + "aa228486e8bed2f368caf48de44179472eaa0ab422b165479f67f0565b18c0f7")
    }

    @Test func theWrittenFormReadsBackAsItself() throws {
        let secret = ClusterSecret.random()
        #expect(ClusterSecret(secret.text) == secret)
        #expect(ClusterSecret.random() != secret)
        let key = try ClusterKeys(secret).statsKey
        #expect(StatsKey(key.text) == key)
        #expect(try StatsKey.reading(key.text) == key)
        #expect(try StatsKey.reading(secret.text) == key)
        #expect(ClusterSecret(key.text) == nil && StatsKey(secret.text) == nil)
    }

    @Test(arguments: [
        "", "roost-cluster-", "roost-cluster-00", "roost-stats-", "roost-cluster-" + String(repeating: "0", count: 63),
        "roost-cluster-" + String(repeating: "0", count: 65), "roost-cluster-" + String(repeating: "g", count: 64),
        "ROOST-CLUSTER-" + String(repeating: "0", count: 64), String(repeating: "0", count: 64),
        "roost-cluster-" + String(repeating: "é", count: 32), "roost-stats-" + String(repeating: "0", count: 64),
    ])
    func anythingElseIsNoKey(text: String) throws {
        #expect(ClusterSecret(text) == nil)
        #expect(StatsKey(text) == nil)
        #expect(try StatsKey.reading(text) == nil)
    }

    /// Aim: each key opens what it is for. Method: all pairs of key and domain.
    @Test func whoMayConnectWhere() throws {
        let keys = try ClusterKeys(.random())
        let reader = try publicKey(of: keys.statsKey)
        let stranger = try ClusterKeys(.random()).node.publicKey
        func isAdmitted(_ credentials: ZAPRequest.Credentials, in domain: String) -> Bool {
            keys.objection(to: ZAPRequest(domain: domain, address: "127.0.0.1", credentials: credentials)) == nil
        }
        #expect(isAdmitted(.curve(keys.node.publicKey), in: "mesh"))
        #expect(isAdmitted(.curve(keys.node.publicKey), in: "stats"))
        #expect(isAdmitted(.curve(reader), in: "stats"))
        #expect(!isAdmitted(.curve(reader), in: "mesh"))
        #expect(!isAdmitted(.curve(keys.node.publicKey), in: "other"))
        for domain in ["mesh", "stats"] {
            #expect(!isAdmitted(.curve(stranger), in: domain))
            #expect(!isAdmitted(.none, in: domain))
            #expect(!isAdmitted(.other(mechanism: "PLAIN"), in: domain))
        }
    }

    @Test func nothingShowsAKey() throws {
        let secret = ClusterSecret.random()
        let keys = try ClusterKeys(secret)
        var shown = "\(secret) \(String(reflecting: secret)) \(keys) \(keys.statsKey)"
        dump(secret, to: &shown)
        dump(keys, to: &shown)
        dump(keys.statsKey, to: &shown)
        for hidden in [secret.bytes, keys.node.secretKey.bytes] {
            #expect(!shown.contains(Hexadecimal.text(of: hidden)))
            #expect(!shown.contains("\(hidden)"))
        }
        #expect(!shown.contains(keys.statsKey.text.suffix(64)))
    }

    /// Aim: a key file is its owner's, and is never lost by a second keygen. Method: make one twice.
    @Test func aKeyFileIsPrivateAndNeverWrittenOver() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "roost-\(UUID().uuidString)").path
        defer { unlink(path) }
        #expect(KeyFile.text(in: path) == nil)
        try KeyFile.create(path, holding: known)
        #expect(KeyFile.text(in: path) == known)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!KeyFile.isReadableByAll(path))
        let refused = #expect(throws: KeyFile.Failure.self) { try KeyFile.create(path, holding: "other") }
        #expect(refused?.description == "\(path): File exists; move it away, or choose another name")
        #expect(KeyFile.text(in: path) == known)
        chmod(path, 0o644)
        #expect(KeyFile.isReadableByAll(path))
    }

    private func publicKey(of key: StatsKey) throws -> CurvePublicKey {
        guard case .client(let keys, _) = try key.client() else { throw ZAPTestError.noClient }
        return keys.publicKey
    }
}

private enum ZAPTestError: Error { case noClient }
