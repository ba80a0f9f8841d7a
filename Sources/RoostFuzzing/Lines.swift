// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A line, printed and parsed again, and all that is read from its parts.

import RoostIRC
import RoostModel

/// Limits that nothing in an input meets.
private let noLimits = LineLimits(tagBytesMax: 1 << 30, bodyBytesMax: 1 << 30)

func checkLine(_ bytes: [UInt8]) throws(BrokenRule) {
    guard let line = try? IRCLine(parsing: bytes, limits: .fromClient) else {
        // What is refused by length alone must be a line still.
        _ = try? IRCLine(parsing: bytes, limits: noLimits)
        return
    }
    let printed = line.bytes
    try check(printed.count <= 2 * bytes.count + 2, "a line of \(bytes.count) bytes prints as \(printed.count)")
    let again = try? IRCLine(parsing: printed, limits: noLimits)
    try check(again == line, "what is printed parses as the same line: \(line) is \(again, or: "no line")")
    try checkOutgoing(line)
    if let last = line.parameters.last {
        try checkCapabilities(last)
        _ = UserModeRequest(parsing: last)
    }
    try checkModes(line.parameters)
    for parameter in line.parameters { try checkName(parameter) }
}

/// Whatever somebody says goes out as one line within its limit.
private func checkOutgoing(_ line: IRCLine) throws(BrokenRule) {
    let message = OutgoingMessage(
        time: UInt64(line.command.utf8.count) << 40, messageID: line.source, clientTags: line.tags, source: line.source,
        command: line.command, parameters: line.parameters)
    try checkSendable(message)
}

/// A message is one line for clients of any capabilities, within the limit of its body.
func checkSendable(_ message: OutgoingMessage) throws(BrokenRule) {
    for capabilities in [CapabilitySet.all, []] {
        let bytes = message.encoded(for: capabilities)
        guard !bytes.isEmpty else { continue }
        let text = bytes.dropLast(2)
        try check(bytes.suffix(2) == [0x0D, 0x0A], "a message ends in CR LF")
        try check(!text.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }, "a message is one line: \(message)")
        let limits = LineLimits(tagBytesMax: 1 << 30, bodyBytesMax: LineLimits.fromServer.bodyBytesMax)
        let line: IRCLine
        do throws(IRCLineError) {
            line = try IRCLine(parsing: bytes, limits: limits)
        } catch {
            throw BrokenRule("a message is a line: \(error) in \(message)")
        }
        try check(line.tags.isEmpty || !capabilities.isEmpty, "who negotiated nothing is sent no tags")
    }
}

private func checkCapabilities(_ text: String) throws(BrokenRule) {
    guard let request = CapabilityRequest(parsing: text) else { return }
    try check(request.enabled.isDisjoint(with: request.disabled), "a capability is switched one way: \(text)")
    let tokens = request.applied(to: .all).tokens(withValues: false).joined(separator: " ")
    let again = CapabilityRequest(parsing: tokens)
    try check(again?.enabled == request.applied(to: .all), "what is listed can be asked for: \(tokens)")
}

private func checkModes(_ parameters: [String]) throws(BrokenRule) {
    let modesMax = 12
    let request = ChannelModeRequest(parsing: parameters, modesMax: modesMax)
    let parameterised = request.changes.count { $0.parameter != nil }
    try check(parameterised <= modesMax, "\(parameterised) changes with a parameter")
    var again: [ChannelModeChange] = []
    for line in ChannelModeChange.lines(of: request.changes, modesMax: modesMax) {
        let part = ChannelModeRequest(parsing: line, modesMax: modesMax)
        try check(part.faults.isEmpty && part.queries.isEmpty && part.surplus == 0, "what is printed is right: \(line)")
        again += part.changes
    }
    try check(again == request.changes, "changes that are printed are the same when read: \(request.changes)")
}

private func checkName(_ text: String) throws(BrokenRule) {
    try check(asciiFolded(text) == asciiLowercased(text), "there is one case mapping: \(text)")
    if let mask = Mask(normalising: text, bytesMax: 400) {
        try check(Mask(normalising: mask.text, bytesMax: 400) == mask, "a full mask stays as it is: \(mask)")
        try check(mask.text.utf8.contains(0x5C) || mask.matches(mask.text), "a mask matches itself: \(mask)")
    }
    _ = Glob(text).matches(asciiFolded(text))
    if let event = EventID(text) { try check(event.description == text, "an event id prints as it was: \(text)") }
    if let node = NodeID(text) { try check(node.name == text, "a node's name prints as it was: \(text)") }
    if isValidNick(text, bytesMax: 30) {
        try check(!isChannelName(text) && !isValidChannelName(text, bytesMax: 64), "a nick is no channel: \(text)")
        try check(Nick(text).folded == asciiFolded(text), "nicks fold by the one case mapping: \(text)")
    }
    if let user = sanitisedUserName(text, bytesMax: 18) {
        try check(sanitisedUserName(user, bytesMax: 18) == user, "a clean user name stays as it is: \(user)")
    }
}

extension DefaultStringInterpolation {
    mutating func appendInterpolation<Value>(_ value: Value?, or absence: String) {
        if let value { appendInterpolation(value) } else { appendLiteral(absence) }
    }
}
