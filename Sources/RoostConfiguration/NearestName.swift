// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The known name that a mistyped one most likely means.

/// The candidate with the smallest edit distance to `name`, the first of equals; nil when none is near enough to be a
/// likely slip. A candidate in another group but with the same last part counts as near.
func nearestName(to name: String, among candidates: [String]) -> String? {
    let last = lastPart(of: name)
    let ranked = candidates.map { candidate in
        (candidate, min(editDistance(name, candidate), 1 + editDistance(last, lastPart(of: candidate))))
    }
    guard let (nearest, distance) = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
    return distance <= max(2, last.count / 3) ? nearest : nil
}

/// Insertions, deletions and substitutions that turn one text into the other (Levenshtein).
func editDistance(_ one: String, _ other: String) -> Int {
    let columns = Array(other)
    var row = Array(0...columns.count)
    for (done, character) in one.enumerated() {
        var diagonal = row[0]
        row[0] = done + 1
        for (index, column) in columns.enumerated() {
            let substitution = diagonal + (character == column ? 0 : 1)
            diagonal = row[index + 1]
            row[index + 1] = min(substitution, row[index] + 1, diagonal + 1)
        }
    }
    return row[columns.count]
}

private func lastPart(of path: String) -> String {
    path.split(separator: ".").last.map(String.init) ?? path
}
