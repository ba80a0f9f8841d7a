// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the client is asked to do, and what it says when it cannot: read from the command line by others, checked here.

/// Where a node accepts clients.
public struct ChatAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name, or an IPv4 or IPv6 address without brackets.
    public let host: String
    /// The TCP port.
    public let port: UInt16

    /// The port of a node that was started without options.
    public static let defaultPort: UInt16 = 6667

    /// An address of these parts.
    public init(host: String, port: UInt16 = defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address.
    public init(parsing text: String) throws(ChatFailure) {
        let wrong = ChatFailure(
            .usage, "'\(PlainText.oneLine(text))' is not an address",
            hint: "write HOST or HOST:PORT, with a port from 1 to 65535")
        var host = Substring(text)
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw wrong }
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else { throw wrong }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        } else if text.contains(":"),
            !text.prefix(while: { $0 != "%" }).allSatisfy({ $0.isHexDigit || ":.".contains($0) })
        {
            throw wrong
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { throw wrong }
        guard let port else {
            self.init(host: String(host))
            return
        }
        guard let number = UInt16(port), number > 0 else { throw wrong }
        self.init(host: String(host), port: number)
    }

    /// `HOST:PORT`, an IPv6 host in brackets.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// What `roost chat` was asked to do.
public struct ChatOptions: Equatable, Sendable {
    /// The nodes to use, in this order; never empty.
    public let addresses: [ChatAddress]
    /// The nick to ask for.
    public let nick: String
    /// The name before the `@` that others see.
    public let user: String
    /// The channels to join, the first of them to be looked at.
    public let channels: [String]

    /// Checks what the command line gave.
    ///
    /// - Parameters:
    ///   - addresses: each `HOST` or `HOST:PORT`; none means a node on this machine with the default port.
    ///   - nick: none means the login name.
    ///   - channels: names or comma-separated lists of names; one without `#` gets it (shells take `#` for a
    ///     comment).
    ///   - loginName: the name of who runs the program.
    init(
        addresses: [String], nick: String?, channels: [String], loginName: String?
    ) throws(ChatFailure) {
        var nodes: [ChatAddress] = []
        for address in addresses {
            nodes.append(try ChatAddress(parsing: address))
        }
        self.addresses = nodes.isEmpty ? [ChatAddress(host: "127.0.0.1")] : nodes

        let login = (loginName ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        user = login.isEmpty ? "guest" : login
        self.nick = nick ?? (user.first?.isLetter == true ? user : "guest")
        guard Self.isWord(self.nick) else {
            throw ChatFailure(
                .usage, "'\(PlainText.oneLine(self.nick))' cannot be a nick",
                hint: "use letters, digits and -_[]{}|, and no spaces")
        }

        var names: [String] = []
        for name in channels.flatMap({ $0.split(separator: ",") }) {
            let name = name.first == "#" || name.first == "&" ? String(name) : "#" + name
            guard Self.isWord(name) else {
                throw ChatFailure(
                    .usage, "'\(PlainText.oneLine(name))' cannot be a channel",
                    hint: "write a name such as '#chat', without spaces")
            }
            if !names.contains(where: { $0.folded == name.folded }) { names.append(name) }
        }
        self.channels = names
    }

    /// Whether `name` can stand as one parameter of a line. What more is asked of names is for the node to say.
    private static func isWord(_ name: String) -> Bool {
        guard let first = name.first, first != ":" else { return false }
        return name == PlainText.oneLine(name) && !name.contains(where: \.isWhitespace)
    }
}

/// Why the client ended without having done what it was asked. Prints as one line: what failed, on which input, and
/// what to try.
public struct ChatFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Equatable, Sendable {
        /// The command line asks for what cannot be.
        case usage
        /// No node answered, or none took us.
        case unreachable
        /// A node refused the nick or a channel.
        case refused
        /// Something that was to be sent has not, or perhaps not, arrived.
        case undelivered
        /// The terminal, or the pipe, failed.
        case terminal
    }

    /// What kind of failure it is.
    public let code: Code
    /// What failed, on which input.
    public let what: String
    /// What to try.
    public let hint: String

    init(_ code: Code, _ what: String, hint: String) {
        self.code = code
        self.what = what
        self.hint = hint
    }

    /// The exit code of a program that ends by it: 64 for wrong usage, else 1.
    public var exitCode: Int32 { code == .usage ? 64 : 1 }

    /// The line to print.
    public var description: String { "\(what); \(hint)" }
}
