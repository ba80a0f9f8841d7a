// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the clients do with all lines but messages: answer PING, count the replies that the set-up waits for, and turn
// a server's refusal into an error that says what it said.

extension Fleet {
    /// Handles one line that is not a PRIVMSG.
    mutating func control(_ line: Span<UInt8>, _ parts: ServerLine, _ client: Int) throws(BenchFailure) {
        switch parts.verb {
        case .ping:
            try send("PONG :" + line.extracting(parts.text(in: line)).text, from: client)
        case .pong:
            counts.pongs += 1
        case .error:
            throw lost(client, "the server said: \(line.text)")
        default:
            if let numeric = parts.verb.numeric { try reply(numeric, line, parts, client) }
        }
    }

    // Numerics: https://modern.ircdocs.horse/#numerics
    private mutating func reply(
        _ numeric: Int, _ line: Span<UInt8>, _ parts: ServerLine, _ client: Int
    ) throws(BenchFailure) {
        switch numeric {
        case 376, 422:
            // "RPL_ENDOFMOTD", "ERR_NOMOTD": one of them ends the welcome.
            becameRegistered(client)
        case 353:
            counts.names += line.extracting(parts.text(in: line)).text.split(separator: " ").count
        case 366:
            counts.nameLists += 1
        case 303:
            counts.presenceReplies += 1
            counts.present += line.extracting(parts.text(in: line)).text.split(separator: " ").count
        case 400..<600:
            throw BenchFailure(
                code: .refused, attempted: "commanding the server as client \(client)",
                target: endpoint(of: client).description, cause: "it answered: \(line.text)")
        default:
            break
        }
    }
}
