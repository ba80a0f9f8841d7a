// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a wrong configuration is answered with: place, key, what is allowed, what was likely meant.

import Testing

@testable import RoostConfiguration

@Suite struct ConfigurationErrorTests {
    private func problems(
        _ yaml: String, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
    ) -> [String] {
        do {
            _ = try Configuration.load(yaml: yaml, named: "f.yaml", environment: environment, overrides: overrides)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    /// Aim: one run tells everything. Method: a file with four kinds of mistake; compare the whole list.
    @Test func allMistakesAreToldAtOnceWithTheirPlace() {
        #expect(
            problems(
                """
                lobbi: "#x"
                limits:
                  nick-length: 900
                  topic-lenght: 300
                threads: many
                listeners:
                  - 127.0.0.1:6667
                  - nowhere
                """) == [
                    "f.yaml:1:1: lobbi: unknown key; the nearest known one is lobby",
                    "f.yaml:3:16: limits.nick-length: \"900\" is not allowed; allowed: a whole number from 9 to 64",
                    "f.yaml:4:3: limits.topic-lenght: unknown key; the nearest known one is limits.topic-length",
                    "f.yaml:5:10: threads: \"many\" is not allowed; allowed: auto, per-client, or a whole number "
                        + "from 1 to 1024",
                    "f.yaml:8:5: listeners: \"nowhere\" is not allowed; allowed: HOST:PORT such as 127.0.0.1:6667 or "
                        + "[::1]:6667, with a port from 1 to 65535",
                ])
    }

    /// Aim: each single mistake is told in words that lead on. Method: a mistake and the line that answers it.
    @Test(arguments: [
        ("lobby: '#a'\nlobby: '#b'", "f.yaml:2:1: lobby: is set twice; keep one"),
        ("log:\n  level: info\n  level: debug", "f.yaml:3:3: level: is set twice; keep one"),
        ("log: {level: info}\nlog.level: debug", "f.yaml:2:1: log.level: is set twice; keep one"),
        (
            "lobby:",
            "f.yaml:1:7: lobby: has no such value; allowed: a channel name that begins with #, or \"\" for none"
        ),
        ("log: 5", "f.yaml:1:1: log: is a group of keys and has no value of its own"),
        ("clients: 5", "f.yaml:1:1: clients: unknown key; the nearest known one is limits.clients"),
        ("zzzzzz: 5", "f.yaml:1:1: zzzzzz: unknown key; docs/configuration.md lists them all"),
        ("- a", "f.yaml:1:1: a configuration is a mapping of keys to values, such as `lobby: \"#lobby\"`"),
        ("a: [", "f.yaml:2:1: is not YAML: did not find expected node content"),
        (
            "lobby: [a]",
            "f.yaml:1:8: lobby: has no such value; allowed: a channel name that begins with #, or \"\" for none"
        ),
        (
            "listeners: []",
            "f.yaml:1:1: listeners: nobody could connect; allowed: a list with at least one HOST:PORT, such as "
                + "[127.0.0.1:6667]"
        ),
        (
            "listeners: [127.0.0.1:1, 127.0.0.1:1]",
            "f.yaml:1:1: listeners: 127.0.0.1:1 is wanted twice; allowed: a port that nothing else uses"
        ),
        (
            "listeners: [127.0.0.1:7601]\nmesh.listen: 127.0.0.1:7600",
            "f.yaml:2:1: mesh.listen: 127.0.0.1:7601 is wanted by listeners too; allowed: a port that nothing else uses"
        ),
        (
            "mesh.secret: abc",
            "f.yaml:1:14: mesh.secret: the value is not allowed; allowed: what `roost keygen` prints, or \"\" for none"
        ),
        (
            "mesh.secret-file: /nonexistent/secret",
            "f.yaml:1:1: mesh.secret-file: \"/nonexistent/secret\" cannot be read; `roost keygen --out "
                + "/nonexistent/secret` makes such a file"
        ),
        (
            "mesh: {listen: 127.0.0.1:7600, advertise: 0.0.0.0:7600}",
            "f.yaml:1:32: mesh.advertise: other nodes cannot connect to 0.0.0.0; set mesh.advertise to the address where "
                + "they reach this one"
        ),
        (
            "stats.listen: 0.0.0.0:7602",
            "f.yaml:1:1: stats.listen: 0.0.0.0:7602 could be reached from other machines, and without a secret anyone "
                + "there could read or write it; set mesh.secret-file to a file that `roost keygen --out FILE` made, the "
                + "same on every node, or listen on 127.0.0.1:7602"
        ),
        (
            "mesh.peers: [127.0.0.1:7600]",
            "f.yaml:1:1: mesh.peers: needs mesh.listen, the address where other nodes reach this one"
        ),
        ("operators: [{name: a}]", "f.yaml:1:13: operators.password: is missing; every operator has one"),
        (
            "operators: [{name: a, password: b, host: c}]",
            "f.yaml:1:36: operators.host: unknown key; the nearest known one is hosts"
        ),
        (
            "limits: {channel-length: 20}\nlobby: '#abcdefghijklmnopqrstuvwxyz'",
            "f.yaml:2:1: lobby: is longer than limits.channel-length allows"
        ),
        ("server: {motd: a, motd-file: b}", "f.yaml:1:19: server.motd-file: conflicts with server.motd; keep one"),
        (
            "mesh.down-after: 5",
            "f.yaml:1:18: mesh.down-after: \"5\" is not allowed; allowed: a duration from 2s to 10m"
        ),
        (
            "mesh.down-after: 99999999999999999h",
            "f.yaml:1:18: mesh.down-after: \"99999999999999999h\" is not allowed; allowed: a duration from 2s to 10m"
        ),
    ])
    func aMistakeIsAnsweredBy(yaml: String, answer: String) {
        #expect(problems(yaml) == [answer])
    }

    /// Aim: a password is never repeated in an error. Method: refused secrets in all places.
    @Test func anErrorNeverShowsAPassword() {
        let lines = problems(
            "operators: [{name: a, password: 'se cret'}]\nmesh.secret: hidden",
            environment: ["ROOST_PASSWORD": "se cret"])
        #expect(lines.count == 3)
        #expect(!lines.joined().contains("se cret") && !lines.joined().contains("hidden"))
    }

    /// Aim: whoever set the value is named. Method: the same mistake in a variable and in a flag.
    @Test func variablesAndFlagsAreNamed() {
        #expect(
            problems("", environment: ["ROOST_LOBBY": "lobby"]) == [
                "environment variable ROOST_LOBBY: lobby: \"lobby\" is not allowed; allowed: a channel name that "
                    + "begins with #, or \"\" for none"
            ])
        #expect(
            problems(
                "",
                overrides: [
                    ConfigurationOverride(key: "listeners", values: ["127.0.0.1:99999"], flag: "--irc"),
                    ConfigurationOverride(key: "lobi", values: [""], flag: "--set"),
                ]) == [
                    "flag --irc: listeners: \"127.0.0.1:99999\" is not allowed; allowed: HOST:PORT such as "
                        + "127.0.0.1:6667 or [::1]:6667, with a port from 1 to 65535",
                    "flag --set: lobi: unknown key; the nearest known one is lobby",
                ])
    }

    /// Aim: a missing file is an answer, not a crash. Method: a path that cannot be.
    @Test func aFileThatIsNotThereIsNamed() {
        #expect(
            throws: ConfigurationErrors.one(
                "/nonexistent/r.yaml", nil,
                "cannot be read; see that it exists and "
                    + "that this user may read it")
        ) {
            try Configuration.load(file: "/nonexistent/r.yaml")
        }
    }
}
