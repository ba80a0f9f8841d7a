// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What one terminal asks a supervisor in another, and what it is told: one JSON object a line each way.

import Foundation
import Glibc

/// Something to be done.
enum ControlRequest: Sendable, Equatable, Codable {
    /// Kill a node with SIGKILL and leave it down.
    case kill(node: String)
    /// Stop a node if it runs, and start it.
    case restart(node: String)
    /// Stop everything.
    case down
}

/// What came of it.
struct ControlReply: Sendable, Equatable, Codable {
    var isDone: Bool
    /// One line.
    var message: String
}

/// Lines of JSON on a connected socket.
enum ControlLine {
    static let bytesMax = 4_096

    static func encode(_ value: some Encodable) throws -> Data {
        try JSONEncoder().encode(value) + Data("\n".utf8)
    }

    /// Reads to the first line break; nil when the line is too long, cut off, or not what was expected.
    static func read<Value: Decodable>(_ type: Value.Type, from descriptor: Int32) -> Value? {
        var line = Data()
        var byte: UInt8 = 0
        while line.count < bytesMax {
            guard Glibc.read(descriptor, &byte, 1) == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return try? JSONDecoder().decode(type, from: line) }
            line.append(byte)
        }
        return nil
    }

    static func write(_ value: some Encodable, to descriptor: Int32) {
        // Our own values always encode, and a terminal that went away does not need its answer.
        guard let data = try? encode(value) else { return }
        data.withUnsafeBytes { bytes in
            _ = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }
}
