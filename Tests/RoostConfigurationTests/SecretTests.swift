// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The cluster's secret comes from a file, a variable or the configuration, and never goes where it can be seen.

import Foundation
import RoostKeys
import Testing

@testable import RoostConfiguration

@Suite struct SecretTests {
    private let one = ClusterSecret.random()
    private let other = ClusterSecret.random()

    /// Aim: a file holds the secret, and is found beside the configuration. Method: a relative path, as keygen writes.
    @Test func theSecretIsReadFromAFile() throws {
        try withFolder { folder in
            try KeyFile.create(folder + "/secret", holding: one.text)
            try "mesh.secret-file: secret\n".write(toFile: folder + "/n.yaml", atomically: true, encoding: .utf8)
            let loaded = try Configuration.load(file: folder + "/n.yaml")
            #expect(loaded.mesh.secret == one)
            #expect(loaded.mesh.secretFile == folder + "/secret")
        }
    }

    /// Aim: what is set over something else holds. Method: a variable over a file's key, in both directions.
    @Test func aVariableGoesOverTheFile() throws {
        try withFolder { folder in
            let path = folder + "/secret"
            try KeyFile.create(path, holding: one.text)
            let variable = try Configuration.load(
                yaml: "mesh.secret-file: \(path)", named: "f", environment: ["ROOST_MESH_SECRET": other.text])
            #expect(variable.mesh.secret == other && variable.mesh.secretFile == "")
            let file = try Configuration.load(
                yaml: "mesh.secret: \(other.text)", named: "f", environment: ["ROOST_MESH_SECRET_FILE": path])
            #expect(file.mesh.secret == one && file.mesh.secretFile == path)
            let both = #expect(throws: ConfigurationErrors.self) {
                try Configuration.load(yaml: "mesh: {secret-file: \(path), secret: \(other.text)}", named: "f")
            }
            #expect(
                both?.problems.map(\.message) == ["conflicts with mesh.secret; keep one"])
        }
    }

    /// Aim: a secret opens the node to other machines. Method: the addresses that are refused without one.
    @Test func withASecretOtherMachinesMayConnect() throws {
        let yaml = "{mesh.listen: '0.0.0.0:7600', mesh.advertise: '10.0.0.1:7600', stats.listen: '0.0.0.0:7602'}"
        let loaded = try Configuration.load(yaml: yaml, named: "f", environment: ["ROOST_MESH_SECRET": one.text])
        #expect(loaded.mesh.listen?.isWildcard == true && loaded.stats.listen?.isWildcard == true)
        #expect(throws: ConfigurationErrors.self) { try Configuration.load(yaml: yaml, named: "f") }
    }

    /// Aim: a secret in a file stays there. Method: print a configuration; the file's name is in it, not the secret.
    @Test func aPrintedConfigurationNamesTheFileAndNotTheSecret() throws {
        try withFolder { folder in
            let path = folder + "/secret"
            try KeyFile.create(path, holding: one.text)
            let loaded = try Configuration.load(yaml: "mesh.secret-file: \(path)", named: "f")
            #expect(!loaded.yaml.contains(one.text))
            #expect(try Configuration.load(yaml: loaded.yaml, named: "printed") == loaded)
            var described = ""
            dump(loaded, to: &described)
            #expect(!described.contains(one.text.suffix(64)))
            let direct = try Configuration.load(yaml: "mesh.secret: \(one.text)", named: "f")
            #expect(try Configuration.load(yaml: direct.yaml, named: "printed") == direct)
        }
    }

    /// Aim: a file without a secret is named as such. Method: a file with something else in it.
    @Test func aFileWithoutASecretIsNamed() throws {
        try withFolder { folder in
            try KeyFile.create(folder + "/secret", holding: "something else")
            let errors = #expect(throws: ConfigurationErrors.self) {
                try Configuration.load(yaml: "mesh.secret-file: \(folder)/secret", named: "f")
            }
            let wanted = "\"\(folder)/secret\" holds no secret; `roost keygen --out FILE` makes a file that does"
            #expect(errors?.problems.map(\.message) == [wanted])
        }
    }

    /// Aim: a changed secret is known as one that needs a restart. Method: compare two.
    @Test func aChangedSecretNeedsARestart() {
        var new = Configuration()
        new.mesh.secret = one
        #expect(
            Configuration.changes(from: Configuration(), to: new)
                == [ConfigurationChange(key: "mesh.secret", takesEffect: .restart)])
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "roost-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // It is in the temporary folder all the same.
        try body(folder)
    }
}
