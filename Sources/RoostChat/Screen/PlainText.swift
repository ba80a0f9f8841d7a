// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Foreign text made harmless: nothing that a stranger wrote may steer the terminal. mIRC formatting codes are taken
// out (https://modern.ircdocs.horse/formatting), every other control or direction-overriding character is dropped.

/// Cleans text for display and for the input line.
enum PlainText {
    /// The text without formatting codes and control characters; tabs and line ends become spaces.
    static func oneLine(_ text: String) -> String {
        clean(text, lineEnd: " ")
    }

    /// As `oneLine`, with each line end (CR LF, CR or LF) as "\n".
    static func manyLines(_ text: String) -> String {
        clean(text, lineEnd: "\n")
    }

    private static func clean(_ text: String, lineEnd: Unicode.Scalar) -> String {
        // Most text is plain already.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var clean = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "\u{03}": index = endOfColour(scalars, from: index)
            case "\u{04}": index = endOfHexColour(scalars, from: index)
            case "\t": clean.append(" ")
            case "\r":
                if index < scalars.count, scalars[index] == "\n" { index += 1 }
                clean.append(lineEnd)
            case "\n", "\u{85}", "\u{2028}", "\u{2029}": clean.append(lineEnd)
            case _ where isDangerous(scalar): break
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

    /// Control characters, and the marks that turn the direction of the text around them, by which a name could pose
    /// as another.
    private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        case 0xFEFF, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// Colour: one or two digits, and a comma with one or two more.
    private static func endOfColour(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
        let foreground = end(of: 2, in: scalars, from: start, where: isDigit)
        guard foreground > start, foreground < scalars.count, scalars[foreground] == "," else { return foreground }
        let background = end(of: 2, in: scalars, from: foreground + 1, where: isDigit)
        return background > foreground + 1 ? background : foreground
    }

    /// Hex colour: six digits, and a comma with six more.
    private static func endOfHexColour(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
        let foreground = end(of: 6, in: scalars, from: start, where: \.properties.isASCIIHexDigit)
        guard foreground == start + 6 else { return start }
        guard foreground < scalars.count, scalars[foreground] == "," else { return foreground }
        let background = end(of: 6, in: scalars, from: foreground + 1, where: \.properties.isASCIIHexDigit)
        return background == foreground + 7 ? background : foreground
    }

    private static func end(
        of count: Int, in scalars: [Unicode.Scalar], from start: Int, where belongs: (Unicode.Scalar) -> Bool
    ) -> Int {
        var index = start
        while index < scalars.count, index < start + count, belongs(scalars[index]) { index += 1 }
        return index
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }
}
