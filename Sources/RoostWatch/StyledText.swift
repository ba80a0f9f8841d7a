// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Text for a terminal: what may be printed, how wide it is, and in which colour. Pure.

/// How a piece of text stands out.
enum TextStyle: Equatable {
    case plain, bold, dim, good, warning, bad

    /// The parameters of `SGR` (ECMA-48, 8.3.117) that select the style; nil for none.
    var selectGraphicRendition: String? {
        switch self {
        case .plain: nil
        case .bold: "1"
        case .dim: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "1;31"
        }
    }
}

/// One line of a screen, as pieces of text with a style each.
struct StyledLine: Equatable, ExpressibleByStringLiteral {
    private(set) var spans: [(text: String, style: TextStyle)] = []

    init() {}

    init(_ text: String, _ style: TextStyle = .plain) { append(text, style) }

    init(stringLiteral text: String) { append(text) }

    static func == (left: StyledLine, right: StyledLine) -> Bool {
        left.rendered(colour: true) == right.rendered(colour: true)
    }

    /// Columns of the terminal that the line takes.
    var width: Int { spans.reduce(0) { $0 + columnWidth(of: $1.text) } }

    /// Adds text from anywhere: what a terminal would obey instead of showing it is replaced.
    mutating func append(_ text: String, _ style: TextStyle = .plain) {
        if text.isEmpty { return }
        if let last = spans.indices.last, spans[last].style == style {
            spans[last].text += printable(text)
        } else {
            spans.append((printable(text), style))
        }
    }

    /// The line cut to `columns`, with an ellipsis where something is missing.
    func fitted(to columns: Int) -> StyledLine {
        guard width > columns else { return self }
        var line = StyledLine()
        for (text, style) in spans {
            let kept = prefix(of: text, columns: columns - 1 - line.width)
            line.append(kept, style)
            if kept != text { break }
        }
        if columns > 0 { line.append("…", .dim) }
        return line
    }

    /// The characters to send, with escape sequences for the styles if wanted.
    func rendered(colour: Bool) -> String {
        spans.reduce(into: "") { result, span in
            if colour, let parameters = span.style.selectGraphicRendition {
                result += "\u{1B}[\(parameters)m\(span.text)\u{1B}[0m"
            } else {
                result += span.text
            }
        }
    }
}

/// `text` in exactly `columns` columns: padded, or cut with an ellipsis.
func fit(_ text: String, to columns: Int, alignedRight: Bool) -> String {
    let width = columnWidth(of: text)
    if width <= columns {
        let padding = String(repeating: " ", count: columns - width)
        return alignedRight ? padding + text : text + padding
    }
    guard columns > 0 else { return "" }
    let kept = prefix(of: text, columns: columns - 1)
    return kept + "…" + String(repeating: " ", count: columns - 1 - columnWidth(of: kept))
}

/// As much of the start of `text` as `columns` hold.
private func prefix(of text: String, columns: Int) -> String {
    var kept = ""
    var room = columns
    for character in text {
        room -= columnWidth(of: String(character))
        if room < 0 { break }
        kept.append(character)
    }
    return kept
}

/// `text` with everything that is no visible character (escapes, line breaks, direction marks) replaced by U+FFFD.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isUnprintable(scalar) ? "\u{FFFD}" : scalar) }
    return String(result)
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
}

/// How many columns a terminal gives to `text`: by Unicode's East Asian Width for the common wide blocks, and nothing
/// for marks that combine.
func columnWidth(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
        if scalar.isASCII { return sum + 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return sum
        default: return sum + (wideBlocks.contains { $0.contains(scalar.value) } ? 2 : 1)
        }
    }
}

private let wideBlocks: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
    0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]
