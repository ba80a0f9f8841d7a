// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a person does at the keyboard, free of the bytes by which terminals say it. `KeyDecoder` makes these,
// `LineEditor` and the chat loop act on them.

/// One act at the keyboard.
enum Key: Equatable, Sendable {
    /// Text to insert: one typed character, never a control character.
    case text(String)
    /// A bracketed paste, whole. Its line ends are "\n"; it holds no other control characters.
    case paste(String)
    case enter
    case tab
    case backspace
    case delete
    case left, right, up, down, home, end
    case wordLeft, wordRight
    case pageUp, pageDown
    /// A letter with Control, in lower case; `\` and others come as themselves.
    case control(Character)
    /// A character with Alt (or after Escape).
    case alt(Character)
}
