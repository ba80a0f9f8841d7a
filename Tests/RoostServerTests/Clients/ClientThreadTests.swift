// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `threads: per-client`: threads named for their clients come and go with them.

import Glibc
import RoostServer
import Testing

@Suite(.serialized) struct ClientThreadTests {
    @Test func eachClientHasAThreadOfItsNameWhileItIsConnected() async throws {
        try await TestNode.run(threads: .perClient) { node in
            var clients = try (0..<20).map { try node.join("n\($0)") }
            let names = clients.map { "c:" + String("127.0.0.1:\($0.localPort)".suffix(13)) }
            #expect(names.allSatisfy { threadNames().contains($0) })

            clients[0].send("SAY hello\r\n")
            for client in clients.dropFirst() { try client.expect(":n0 PRIVMSG #room :hello") }

            let leaving = Set(names.prefix(10))
            clients.removeFirst(10)
            try await eventually("their threads end") { leaving.isDisjoint(with: threadNames()) }
            #expect(Set(names.dropFirst(10)).isSubset(of: threadNames()))
            clients.removeAll()
            try await eventually("all threads end") { Set(names).isDisjoint(with: threadNames()) }
            try await eventually("nobody is counted") { node.frontEnd.takeCounters().now == 0 }
        }
    }

    @Test func sharedLoopsHaveNoThreadPerClient() async throws {
        try await TestNode.run(threads: .count(2)) { node in
            let clients = try (0..<20).map { try node.join("n\($0)") }
            let ports = clients.map { String("127.0.0.1:\($0.localPort)".suffix(13)) }
            #expect(ports.allSatisfy { !threadNames().contains("c:" + $0) })
        }
    }
}

/// The names of this process's threads.
private func threadNames() -> Set<String> {
    var names: Set<String> = []
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
        let id = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let file = fopen("/proc/self/task/\(id)/comm", "r") else { continue }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, CInt(line.count), file) != nil else { continue }
        let bytes = line.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "\n")) }
        names.insert(String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return names
}
