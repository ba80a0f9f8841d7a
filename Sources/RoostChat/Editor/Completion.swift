// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Completion by the tab key: commands at the start of the line, else the nicks of the people in the channel.

/// Completes the word before the cursor.
enum Completion {
    /// What to put in place of the last `replaced` characters before the cursor; nil if nothing fits.
    static func complete(_ before: String, nicks: [String]) -> (replaced: Int, word: String)? {
        let word = String(before.reversed().prefix { !$0.isWhitespace }.reversed())
        guard !word.isEmpty else { return nil }
        let isFirst = word.count == before.count
        if isFirst, word.hasPrefix("/"), !word.hasPrefix("//") {
            return best(for: word, among: Command.names.map { "/" + $0 }, ending: " ")
        }
        return best(for: word, among: nicks, ending: isFirst ? ": " : " ")
    }

    private static func best(for word: String, among candidates: [String], ending: String) -> (Int, String)? {
        let fitting = candidates.filter { $0.folded.hasPrefix(word.folded) }
        guard var common = fitting.first else { return nil }
        if fitting.count == 1 { return (word.count, common + ending) }
        for candidate in fitting.dropFirst() {
            while !candidate.folded.hasPrefix(common.folded) { common.removeLast() }
        }
        return common.count > word.count ? (word.count, common) : nil
    }
}
