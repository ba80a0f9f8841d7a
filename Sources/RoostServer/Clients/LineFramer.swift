// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Finds lines in what is read from a client, however the reads cut them. What a line means is the parser's.

import RoostIRC

/// Cuts one client's bytes into lines: each ends with LF or CR LF, and empty ones are skipped.
///
/// Holds at most one line that is not whole yet, copied, so the buffer it came in can be used again. A line over the
/// limits is refused once, as soon as it cannot fit any more, and skipped to its end.
struct LineFramer: Sendable {
    /// The start of a line whose end has not come.
    private var partial: [UInt8] = []
    /// Whether what comes belongs to a line already refused.
    private var isSkipping = false
    private static let limits = LineLimits.fromClient

    /// Takes the bytes of one read and gives each line that ends in them: parsed, or refused, and its length.
    mutating func read(_ bytes: Span<UInt8>, line: (Result<IRCLine, IRCLineError>, Int) -> Void) {
        var start = 0
        for index in bytes.indices where bytes[index] == lineFeed {
            if isSkipping {
                isSkipping = false
            } else if partial.isEmpty {
                Self.parse(bytes.extracting(start..<index), line)
            } else {
                append(bytes.extracting(start..<index))
                Self.parse(partial.span, line)
                partial = []
            }
            start = index + 1
        }
        guard start < bytes.count, !isSkipping else { return }
        append(bytes.extracting(start..<bytes.count))
        if Self.cannotFit(partial.span) {
            line(.failure(Self.tooLong(partial.span)), partial.count)
            partial = []
            isSkipping = true
        }
    }

    /// More than a refusal needs is not kept, whatever the size of the read.
    private mutating func append(_ bytes: Span<UInt8>) {
        let room = Self.limits.tagBytesMax + Self.limits.bodyBytesMax + 1 - partial.count
        for index in 0..<min(bytes.count, room) { partial.append(bytes[index]) }
    }

    private static func parse(_ bytes: Span<UInt8>, _ line: (Result<IRCLine, IRCLineError>, Int) -> Void) {
        var end = bytes.count
        if end > 0 && bytes[end - 1] == carriageReturn { end -= 1 }
        guard end > 0 else { return }
        let content = bytes.extracting(0..<end)
        guard end <= contentMax(content) else { return line(.failure(tooLong(content)), bytes.count) }
        do throws(IRCLineError) {
            line(.success(try IRCLine(parsing: content)), bytes.count)
        } catch .empty {
            return
        } catch {
            line(.failure(error), bytes.count)
        }
    }

    /// Whether no line end that may follow can make a line within the limits. The last byte may be the CR of one.
    private static func cannotFit(_ partial: Span<UInt8>) -> Bool {
        let room = contentMax(partial)
        return partial.count > room + 1 || partial.count == room + 1 && partial[room] != carriageReturn
    }

    /// The longest content, without its line end, of a line that begins like this.
    private static func contentMax(_ content: Span<UInt8>) -> Int {
        content[0] == at ? limits.tagBytesMax + limits.bodyBytesMax - 2 : limits.bodyBytesMax - 2
    }

    /// Which section is to blame, decided by bytes that are there whenever this is asked, however the reads cut.
    private static func tooLong(_ content: Span<UInt8>) -> IRCLineError {
        guard content[0] == at else { return .tooLong(.body) }
        for index in 0..<limits.tagBytesMax where content[index] == space { return .tooLong(.body) }
        return .tooLong(.tags)
    }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let at = UInt8(ascii: "@")
private let space = UInt8(ascii: " ")
