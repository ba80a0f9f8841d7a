// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: figures are taken from the right fields of /proc, also with awkward names.

import Glibc
import Testing

@testable import roost_bench

struct ProcTextTests {
    private let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1A2D 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65534        0 30553 1 0000 100 0
           1: 0100007F:1A2D 0100007F:D0C2 01 00000000:00000000 00:00000000 00000000 65534        0 30999 1 0000 20 4
           2: 00000000:1A2E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41 1 0000 100 0
        """

    @Test func onlyListenersOfThePortCount() {
        #expect(ProcText.listeners(table: table, port: 6701) == [30553])
        #expect(ProcText.listeners(table: table, port: 6702) == [41])
        #expect(ProcText.listeners(table: table, port: 6703) == [])
    }

    @Test func listenersOfIPv6AreFoundToo() {
        let line =
            "   0: 00000000000000000000000000000000:1A2D 00000000000000000000000000000000:0000 0A "
            + "00000000:00000000 00:00000000 00000000 0 0 77 1 0000 100 0"
        #expect(ProcText.listeners(table: "header\n" + line, port: 6701) == [77])
    }

    @Test func residentMemoryIsInBytes() {
        let status = "Name:\tngircd\nVmPeak:\t   99000 kB\nVmRSS:\t    5120 kB\nRssAnon:\t 1024 kB\n"
        #expect(ProcText.residentBytes(status: status) == 5_242_880)
        #expect(ProcText.residentBytes(status: "Name:\tkthreadd\n") == nil)
    }

    @Test func aCommandMayHoldParenthesesAndSpaces() {
        #expect(ProcText.command(stat: "12 (a (b) c) S 1 12 12 0") == "a (b) c")
        #expect(ProcText.command(stat: "12 S 1") == nil)
    }

    @Test func onlySocketLinksHaveAnInode() {
        #expect(ProcText.socketInode(link: "socket:[30553]") == 30_553)
        for link in ["/dev/null", "pipe:[3]", "socket:[x]", "socket:[", "anon_inode:[eventpoll]"] {
            #expect(ProcText.socketInode(link: link) == nil)
        }
    }

    @Test func processorTimeOfAProcessGrowsWithItsWork() throws {
        let own = try ServerProcesses(named: [getpid()], listeningOn: [])
        let before = try own.processorTime()
        var sum: UInt64 = 0
        // Until the clock has moved: a condition, not a length of time.
        while try own.processorTime() == before { sum &+= 1 }
        #expect(try own.residentBytes() > 100_000)
    }

    @Test func aProcessThatIsGoneIsAnError() {
        // One above the greatest id that Linux gives (PID_MAX_LIMIT).
        #expect(throws: BenchFailure.self) { try ServerProcesses(named: [4_194_305], listeningOn: []) }
    }

    @Test func theListenerOfAPortIsFoundByItsSocket() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(descriptor, $0, length) == 0)
                #expect(listen(descriptor, 1) == 0)
                #expect(getsockname(descriptor, $0, &length) == 0)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        // Other tests start processes, which hold a copy of every descriptor until they run their program.
        #expect(try ServerProcesses(named: [], listeningOn: [port]).pids.contains(getpid()))
    }
}
