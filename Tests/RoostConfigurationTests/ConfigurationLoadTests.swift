// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a file, the environment and flags make of a configuration.

import Foundation
import Testing

@testable import RoostConfiguration

@Suite struct ConfigurationLoadTests {
    /// Aim: a node without any input is the documented one. Method: load nothing; compare the whole value.
    @Test func nothingGivesTheDefaults() throws {
        var expected = Configuration()
        let loaded = try Configuration.load(file: nil)
        // The name comes from this machine, and the folder from the name.
        expected.node.name = loaded.node.name
        expected.node.dataDirectory = "data/" + loaded.node.name
        #expect(loaded == expected)
        #expect(loaded.listeners == [Endpoint(host: "127.0.0.1", port: 6667)])
        #expect(loaded.mesh.listen == nil && loaded.stats.listen == nil)
    }

    /// Aim: every form of value arrives in its field. Method: one file with all forms; compare the whole value.
    @Test func aFileSetsWhatItNames() throws {
        let loaded = try Configuration.load(
            yaml: """
                node:
                  name: node1
                  data-directory: /var/lib/roost
                log: {level: debug, format: json}
                listeners:
                  - 127.0.0.1:6670
                  - "[::1]:6670"
                threads: per-client
                lobby: ""
                operators:
                  - name: alice
                    password: pass
                    hosts: ["*@127.0.0.1"]
                  - {name: bob, password: word}
                mesh:
                  listen: 127.0.0.1:7610
                  peers: [127.0.0.1:7600, 127.0.0.1:7620]
                  down-after: 90s
                mesh.claim-wait: 100ms
                limits:
                  send-queue: 2MiB
                  clients-per-address: off
                  flood-rate: 10
                server.motd: |
                  one
                  two

                """, named: "test.yaml")
        var expected = Configuration()
        expected.node = .init(name: "node1", dataDirectory: "/var/lib/roost")
        expected.log = .init(level: .debug, format: .json)
        expected.listeners = [Endpoint(host: "127.0.0.1", port: 6670), Endpoint(host: "::1", port: 6670)]
        expected.threads = .perClient
        expected.lobby = ""
        expected.operators = [
            .init(name: "alice", password: "pass", hosts: ["*@127.0.0.1"]), .init(name: "bob", password: "word"),
        ]
        expected.mesh.listen = Endpoint(host: "127.0.0.1", port: 7610)
        expected.mesh.advertise = Endpoint(host: "127.0.0.1", port: 7610)
        expected.mesh.peers = [Endpoint(host: "127.0.0.1", port: 7600), Endpoint(host: "127.0.0.1", port: 7620)]
        expected.mesh.downAfter = .seconds(90)
        expected.mesh.claimWait = .milliseconds(100)
        expected.stats.listen = Endpoint(host: "127.0.0.1", port: 7612)
        expected.limits.sendQueueBytes = 2 << 20
        expected.limits.clientsPerAddress = nil
        expected.limits.floodRate = 10
        expected.server.motd = "one\ntwo"
        #expect(loaded == expected)
    }

    /// Aim: flags beat the environment, which beats the file. Method: set three keys in one, two and three places.
    @Test func flagsBeatTheEnvironmentAndTheEnvironmentBeatsTheFile() throws {
        let loaded = try Configuration.load(
            yaml: "{node.name: file, lobby: '#file', threads: 2, mesh.listen: '127.0.0.1:7600'}", named: "test.yaml",
            environment: [
                "ROOST_LOBBY": "#environment", "ROOST_THREADS": "3",
                "ROOST_MESH_PEERS": "127.0.0.1:7610, [::1]:7620", "PATH": "/bin",
            ],
            overrides: [ConfigurationOverride(key: "threads", values: ["4"], flag: "--threads")])
        #expect(loaded.node.name == "file")
        #expect(loaded.lobby == "#environment")
        #expect(loaded.threads == .count(4))
        #expect(loaded.mesh.peers.map(\.description) == ["127.0.0.1:7610", "[::1]:7620"])
    }

    /// Aim: no two keys share a variable, or one could not be set. Method: count the names.
    @Test func everyKeyHasAVariableOfItsOwn() {
        let variables = Key<Configuration>.all.compactMap(\.variable)
        #expect(Set(variables).count == variables.count)
        #expect(variables.contains("ROOST_MESH_DOWN_AFTER"))
        #expect(variables.count == Key<Configuration>.all.count - 1)
    }

    /// Aim: a slip in a variable's name is seen. Method: one slip among foreign names.
    @Test func aMistypedVariableIsNamedWithTheNearest() {
        #expect(
            Configuration.unknownVariables(in: ["ROOST_LOBY": "#x", "ROOST_LOBBY": "#y", "HOME": "/"])
                == ["ROOST_LOBY: unknown variable; the nearest known one is ROOST_LOBBY"])
    }

    /// Aim: what is printed reads back as the same. Method: a configuration far from the defaults, and awkward text.
    @Test func aPrintedConfigurationReadsBackAsItself() throws {
        var configuration = Configuration()
        configuration.node = .init(name: "n.1-x_", dataDirectory: "/tmp/with space")
        configuration.server.description = "quotes \" and \\ and ünïcode: #"
        configuration.server.motd = "  one\n\n\ttwo: \"three\" \\n"
        configuration.password = "yes"
        configuration.operators = [.init(name: "a", password: "null", hosts: ["*@*", "x@y"])]
        configuration.mesh.listen = Endpoint(host: "::1", port: 7600)
        configuration.mesh.advertise = Endpoint(host: "127.0.0.1", port: 7600)
        configuration.mesh.peers = [Endpoint(host: "localhost", port: 1)]
        configuration.threads = .count(3)
        configuration.limits.clientsPerAddress = nil
        configuration.limits.floodRate = 5
        configuration.timeouts.registration = .milliseconds(1_500)
        #expect(try Configuration.load(yaml: configuration.yaml, named: "printed") == configuration)
        let standard = try Configuration.load(file: nil)
        #expect(try Configuration.load(yaml: standard.yaml, named: "printed") == standard)
    }

    /// Aim: a default that its own key refuses could not be written down. Method: decode every printed default.
    @Test func everyDefaultIsAllowed() {
        for key in Key<Configuration>.all where key.shape != .records {
            var configuration = Configuration()
            #expect(key.decode(key.encode(configuration), &configuration) == nil, "\(key.path)")
            #expect(configuration == Configuration(), "\(key.path)")
        }
    }

    /// Aim: paths in a file stand beside it, and the message of the day is read at once. Method: files in a folder.
    @Test func pathsInAFileAreTakenFromItsFolder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "roost-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // It is in the temporary folder all the same.
        try "Hello.\r\nBye.\n".write(toFile: folder + "/motd.txt", atomically: true, encoding: .utf8)
        try "node: {data-directory: here}\nserver: {motd-file: motd.txt}\n"
            .write(toFile: folder + "/roost.yaml", atomically: true, encoding: .utf8)
        let loaded = try Configuration.load(file: folder + "/roost.yaml")
        #expect(loaded.server.motd == "Hello.\nBye.")
        #expect(loaded.node.dataDirectory == folder + "/here")
    }

    /// Aim: a reload knows what it may change. Method: change one key of each kind.
    @Test func aChangeTellsWhetherItNeedsARestart() {
        var new = Configuration()
        new.server.motd = "new"
        new.threads = .count(1)
        new.operators = [.init(name: "a", password: "b")]
        #expect(
            Configuration.changes(from: Configuration(), to: new) == [
                ConfigurationChange(key: "server.motd", takesEffect: .reload),
                ConfigurationChange(key: "threads", takesEffect: .restart),
                ConfigurationChange(key: "operators", takesEffect: .reload),
            ])
        #expect(Configuration.changes(from: new, to: new) == [])
    }

    /// Aim: a running node keeps for life what it was started with. Method: change every key at once, two of each kind
    /// looked at; what is kept is still told as changed, at this reload and the next.
    @Test func whatNeedsARestartIsKept() {
        var new = Configuration()
        new.server.motd = "new"
        new.server.name = "other.name"
        new.lobby = "#other"
        new.operators = [.init(name: "a", password: "b")]
        let kept = new.keepingWhatNeedsARestart(of: Configuration())
        var expected = Configuration()
        expected.server.motd = "new"
        expected.operators = new.operators
        #expect(kept == expected)
        #expect(Configuration.changes(from: kept, to: new).map(\.key) == ["server.name", "lobby"])
    }

    /// Aim: any host gives a legal name. Method: names of all sorts.
    @Test(arguments: [
        ("chat.example.org", "chat"), ("Big-Machine-Number-7", "big-machine-"), ("", "node"), ("häuschen", "huschen"),
        ("…", "node"),
    ])
    func theNodeNameComesFromTheHost(host: String, name: String) {
        #expect(ConfigurationReader.nodeName(from: host) == name)
    }
}
