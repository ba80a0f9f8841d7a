// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A nick is held by one user of the whole cluster, also if two ask for it at the same moment on two nodes.

import Testing

extension ClusterTests {
    @ProcessThread
    struct NickRaceTests {
        /// Newcomers on two nodes want one nick, time after time.
        @Test func oneOfTwoNewcomersGetsTheNick() throws {
            try TestCluster.run { cluster in
                let judge = try cluster[3].client("judge")
                for round in 0..<30 {
                    let nick = "prize\(round)"
                    let rivals = try [cluster[1].connect("left"), cluster[2].connect("right")]
                    for rival in rivals { rival.send("USER \(rival.name) 0 * :Rival") }
                    try settle(rivals, nick: nick, won: "* 001 \(nick) *", by: judge)
                }
            }
        }

        /// Users on two nodes change to one nick, time after time.
        @Test func oneOfTwoUsersGetsTheNick() throws {
            try TestCluster.run { cluster in
                let judge = try cluster[3].client("judge")
                let rivals = try [cluster[1].client("left"), cluster[2].client("right")]
                for round in 0..<30 {
                    let nick = "prize\(round)"
                    try settle(rivals, nick: nick, won: "* NICK *\(nick)", by: judge)
                }
            }
        }

        /// A nick that somebody holds on another node is not to be had, and is once they leave.
        @Test func aNickInUseElsewhereIsRefused() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice")
                let rival = try cluster[2].connect("rival")
                rival.introduce(nick: "ALICE")
                try rival.expect("* 433 * ALICE *")
                rival.send("NICK second")
                try rival.expect("* 001 second *")
                alice.send("QUIT")
                try rival.expect(":alice!* QUIT *")
                rival.send("NICK alice")
                try rival.expect(":second!* NICK *alice")
            }
        }

        /// Both ask at once: one gets it, the other is told 433, and the third node knows whose it is.
        private func settle(_ rivals: [TestClient], nick: String, won: String, by judge: TestClient) throws {
            for rival in rivals { rival.send("NICK \(nick)") }
            let answers = try rivals.map { try $0.expect(won, or: "* 433 * \(nick) *") }
            let losers = answers.count { $0.contains(" 433 ") }
            try require(losers == 1, "\(nick): \(answers)")
            let winner = rivals[answers[0].contains(" 433 ") ? 1 : 0]
            try eventually("the third node knows who is \(nick)") {
                judge.send("WHOIS \(nick)")
                let answer = try judge.expect("* 311 judge \(nick) *", or: "* 401 judge \(nick) *")
                try judge.expect("* 318 *")
                return answer.contains("\(winner.name) ")
            }
        }
    }
}
