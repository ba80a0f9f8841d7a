// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The boundary between nodes cannot be seen: what is done by a client of one node shows at the clients of another, and
// what is asked at one node is answered for the whole cluster.

import Testing

extension ClusterTests {
    @ProcessThread
    struct BoundaryTests {
        /// Alice on node 1 and Bob on node 2 meet in a channel that Alice made; Carol is on node 3.
        private func meet(_ body: (_ alice: TestClient, _ bob: TestClient, _ carol: TestClient) throws -> Void) throws {
            try TestCluster.run(settings: "lobby: \"\"") { cluster in
                let alice = try cluster[1].client("alice")
                let bob = try cluster[2].client("bob")
                let carol = try cluster[3].client("carol")
                alice.send("JOIN #room")
                try alice.expect("* 366 alice #room *")
                try eventually("node 2 knows #room") {
                    bob.send("LIST #room")
                    return try bob.expect("* 322 bob #room 1 *", or: "* 323 *").contains(" 322 ")
                }
                bob.send("JOIN #room")
                try alice.expect(":bob!* JOIN *#room")
                try bob.expect("* 353 bob ? #room :*@alice*")
                try eventually("node 3 knows both") {
                    carol.send("LIST #room")
                    return try carol.expect("* 322 carol #room 2 *", or: "* 323 *").contains(" 322 ")
                }
                try body(alice, bob, carol)
            }
        }

        @Test func comingsAndGoingsAreSeen() throws {
            try meet { alice, bob, carol in
                carol.send("JOIN #room")
                try bob.expect(":carol!* JOIN *#room")
                carol.send("PART #room :must go")
                try bob.expect(":carol!* PART #room :must go")
                carol.send("JOIN #room")
                try alice.expect(":carol!* PART #room :must go")
                try alice.expect(":carol!* JOIN *#room")
                carol.send("QUIT :good night")
                try alice.expect(":carol!* QUIT *good night")
                try bob.expect(":carol!* QUIT *good night")
                bob.drop()
                try alice.expect(":bob!* QUIT *")
            }
        }

        @Test func aNewNickIsSeen() throws {
            try meet { alice, bob, _ in
                bob.send("NICK robert")
                try bob.expect(":bob!* NICK *robert")
                try alice.expect(":bob!* NICK *robert")
                alice.send("PRIVMSG robert :hello", "PRIVMSG bob :hello")
                try bob.expect(":alice!* PRIVMSG robert :hello")
                try alice.expect("* 401 alice bob *")
            }
        }

        /// Tags may be ten times as long as a text; a burst of them crosses whole, and in order.
        @Test func aBurstOfLargeTagsArrivesWhole() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice", capabilities: "message-tags")
                let bob = try cluster[2].client("bob", capabilities: "message-tags")
                try alice.expectSometime(":bob!* JOIN *#lobby")
                let filler = String(repeating: "x", count: 3_900)
                let count = 1_000
                alice.sendAll((0..<count).map { "@+number=\($0);+filler=\(filler) TAGMSG bob" })
                for number in 0..<count {
                    let line = try bob.expect("* TAGMSG bob")
                    try require(line.contains("+number=\(number);"), "not number \(number): \(line.prefix(200))")
                }
                try require(!cluster[2].logText.contains("a link is made anew"), "the link broke")
            }
        }

        @Test func topicsAndModesAreSeenAndEnforced() throws {
            try meet { alice, bob, carol in
                alice.send("TOPIC #room :what we talk about")
                try bob.expect(":alice!* TOPIC #room :what we talk about")
                bob.send("TOPIC #room :mine")
                try bob.expect("* 482 bob #room *")
                alice.send("MODE #room +o bob")
                try bob.expect(":alice!* MODE #room +o bob")
                // What one node says comes in order; so a message after the change tells that the change is known.
                bob.send("MODE #room +k secret", "PRIVMSG carol :now")
                try alice.expect(":bob!* MODE #room +k secret")
                try carol.expect("* PRIVMSG carol :now")
                carol.send("JOIN #room")
                try carol.expect("* 475 carol #room *")
                bob.send("MODE #room -k secret", "MODE #room +b carol!*@*", "PRIVMSG carol :now")
                try alice.expect(":bob!* MODE #room +b carol!*@*")
                try carol.expect("* PRIVMSG carol :now")
                carol.send("JOIN #room")
                try carol.expect("* 474 carol #room *")
                alice.send("MODE #room +b")
                try alice.expect("* 367 alice #room carol!*@* *")
                alice.send("MODE #room -b carol!*@*", "MODE #room +m", "PRIVMSG carol :now")
                try carol.expect("* PRIVMSG carol :now")
                carol.send("JOIN #room")
                try carol.expect("* 332 carol #room :what we talk about")
                try carol.expect("* 366 *")
                carol.send("PRIVMSG #room :may I")
                try carol.expect("* 404 carol #room *")
                try alice.expect(":carol!* JOIN *#room")
                alice.send("MODE #room +v carol")
                try carol.expect(":alice!* MODE #room +v carol")
                carol.send("PRIVMSG #room :I may")
                try bob.expect(":carol!* PRIVMSG #room :I may")
            }
        }

        @Test func kicksAndInvitationsReachOtherNodes() throws {
            try meet { alice, bob, carol in
                alice.send("KICK #room bob :enough")
                try bob.expect(":alice!* KICK #room bob :enough")
                alice.send("MODE #room +i", "PRIVMSG bob :now", "PRIVMSG carol :now")
                try bob.expect("* PRIVMSG bob :now")
                try carol.expect("* PRIVMSG carol :now")
                bob.send("JOIN #room")
                try bob.expect("* 473 bob #room *")
                alice.send("INVITE carol #room")
                try alice.expect("* 341 alice carol #room")
                try carol.expect(":alice!* INVITE carol *#room")
                carol.send("JOIN #room")
                try alice.expect(":carol!* JOIN *#room")
            }
        }

        @Test func whoeverAsksHearsOfAllNodes() throws {
            try meet { alice, bob, carol in
                bob.send("AWAY :at lunch")
                try bob.expect("* 306 bob *")
                bob.send("PRIVMSG alice :going", "PRIVMSG carol :going")
                try alice.expect("* PRIVMSG alice :going")
                try carol.expect("* PRIVMSG carol :going")
                alice.send("PRIVMSG bob :there?")
                try alice.expect("* 301 alice bob :at lunch")
                alice.send("WHO #room")
                try alice.expect("* 352 alice #room * bob G *")
                try alice.expect("* 315 *")
                carol.send("WHOIS bob")
                try carol.expect("* 311 carol bob *bob * :Real bob")
                try carol.expect("* 319 carol bob :*#room*")
                try carol.expect("* 301 carol bob :at lunch")
                try carol.expect("* 318 *")
                carol.send("LIST")
                try carol.expect("* 322 carol #room 2 *")
                carol.send("LUSERS", "ISON alice bob nobody", "USERHOST bob")
                try carol.expect("* 266 carol *3*")
                try carol.expect("* 303 carol :alice bob*")
                try carol.expect("* 302 carol :bob=-*")
                bob.send("AWAY", "PRIVMSG carol :back")
                try carol.expect("* PRIVMSG carol :back")
                carol.send("WHOIS bob")
                try carol.expect("* 318 *")
                try require("away told", carol.all("* 301 carol *").count, is: 1)
                try require("names", alice.names("#room"), is: carol.names("#room"))
            }
        }

        /// Clients see one server, whichever node they are on.
        @Test func theServerHasOneName() throws {
            try meet { alice, bob, carol in
                let names = try [alice, bob, carol].map { client in
                    try client.catchUp()
                    return try #require(client.all("* 001 *").first?.split(separator: " ").first)
                }
                try require("server names", Set(names), is: [":roost.local"])
                carol.send("WHOIS alice")
                try carol.expect("* 312 carol alice roost.local *")
            }
        }
    }
}
