// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Patterns with wildcards, for bans, LIST, WHO and the like.

/// A pattern that texts can match: `*` stands for any run of characters, `?` for any one, and a backslash makes the
/// next character literal. Letters match as ``asciiFolded(_:)`` has them.
///
/// Time is at most the product of the two lengths, whatever the pattern. Two patterns are equal if they match the same
/// texts in the same way: `A**` and `a*` are.
/// See https://modern.ircdocs.horse/#wildcard-expressions
public struct Glob: Hashable, Sendable {
    /// A byte to be equal to, lowered, or one of the two below.
    private var steps: [UInt16] = []

    private static let anyOne: UInt16 = 256
    private static let anyRun: UInt16 = 257

    /// Compiles a pattern. All texts are patterns: a backslash at the end stands for itself.
    public init(_ pattern: String) {
        steps.reserveCapacity(pattern.utf8.count)
        var isLiteral = false
        for byte in pattern.utf8 {
            switch byte {
            case .backslash where !isLiteral:
                isLiteral = true
                continue
            case .asterisk where !isLiteral:
                if steps.last != Self.anyRun { steps.append(Self.anyRun) }
            case .question where !isLiteral: steps.append(Self.anyOne)
            default: steps.append(UInt16(byte.lowered))
            }
            isLiteral = false
        }
        if isLiteral { steps.append(UInt16(UInt8.backslash)) }
    }

    /// Whether the whole of a text matches.
    public func matches(_ text: String) -> Bool {
        matches(text.utf8.span)
    }

    /// Goes through both at once. After a mismatch only the latest run can help, by taking one character more: whatever
    /// an earlier one could take, the latest can.
    private func matches(_ text: Span<UInt8>) -> Bool {
        var step = 0
        var at = 0
        var run: (step: Int, at: Int)?
        while at < text.count {
            if step < steps.count {
                let wanted = steps[step]
                if wanted == Self.anyRun {
                    step += 1
                    run = (step, at)
                    continue
                }
                if wanted == Self.anyOne {
                    step += 1
                    at = Self.afterCharacter(text, at)
                    continue
                }
                if wanted == UInt16(text[at].lowered) {
                    step += 1
                    at += 1
                    continue
                }
            }
            guard let latest = run else { return false }
            at = Self.afterCharacter(text, latest.at)
            step = latest.step
            run = (step, at)
        }
        return steps[step...].allSatisfy { $0 == Self.anyRun }
    }

    private static func afterCharacter(_ text: Span<UInt8>, _ start: Int) -> Int {
        var at = start + 1
        while at < text.count && text[at].continuesCharacter { at += 1 }
        return at
    }
}
