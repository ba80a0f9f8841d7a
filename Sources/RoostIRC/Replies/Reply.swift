// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A numeric with its parameters, as a value; its builders stand by subject in the extensions. Source and target are
// added by who sends it.

/// What the server answers with a numeric: all that follows the target in the line.
///
/// Built by name, so that texts and parameter orders have one place: `Reply.noSuchNick("bob")`. Texts are those of
/// https://modern.ircdocs.horse/#numerics where it gives one. Times are in seconds since 1970.
public struct Reply: Equatable, Sendable {
    /// Which reply it is.
    public var numeric: Numeric
    /// The parameters after the target; the last is usually text for people.
    public var parameters: [String]

    /// A reply with these parameters. Prefer the named ones.
    public init(_ numeric: Numeric, _ parameters: [String]) {
        self.numeric = numeric
        self.parameters = parameters
    }

    init(_ numeric: Numeric, _ parameters: String...) {
        self.init(numeric, parameters)
    }
}

/// Joins words to as few texts as hold them, each of at most `bytesMax` bytes, for replies that list what may not fit
/// into one line. A word that is longer than that stands alone. No words give no text.
public func packed(_ words: some Sequence<String>, separator: String = " ", bytesMax: Int) -> [String] {
    var texts: [String] = []
    var text = ""
    var isStarted = false
    for word in words {
        if isStarted && text.utf8.count + separator.utf8.count + word.utf8.count > bytesMax {
            texts.append(text)
            text = word
        } else {
            if isStarted { text += separator }
            text += word
        }
        isStarted = true
    }
    if isStarted { texts.append(text) }
    return texts
}
