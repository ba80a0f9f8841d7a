// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The entry for the program: `roost chat`.

import Glibc

extension ChatOptions {
    /// Checks what the command line gave, with the login name from the environment.
    ///
    /// - Parameters:
    ///   - addresses: each `HOST` or `HOST:PORT`; none means a node on this machine with the default port.
    ///   - nick: none means the login name.
    ///   - channels: names or comma-separated lists of names; one without `#` gets it (shells take `#` for a
    ///     comment).
    public init(addresses: [String] = [], nick: String? = nil, channels: [String] = []) throws(ChatFailure) {
        try self.init(
            addresses: addresses, nick: nick, channels: channels, loginName: getenv("USER").map { String(cString: $0) })
    }
}

/// Runs the client on standard input and output until its end. It blocks its thread, so it has one to itself.
///
/// If both are a terminal, a person chats there, and the terminal is as before when this returns or throws. Otherwise
/// lines are read from standard input and sent to the channel joined, and what comes is printed as plain lines; at the
/// end of the input, and once all that was sent is confirmed, it returns.
///
/// - Returns: the exit code: 0, or 128 and the signal's number if a signal ended it.
/// - Throws: ``ChatFailure``, to be printed as one line; its ``ChatFailure/exitCode`` ends the program.
public func runChat(_ options: ChatOptions) throws(ChatFailure) -> Int32 {
    let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb"
    var client = ChatClient(
        options: options, mode: isTerminal ? .terminal : .pipe, input: STDIN_FILENO, output: STDOUT_FILENO,
        // https://no-color.org: "when present and not an empty string".
        colours: (environment("NO_COLOR") ?? "").isEmpty)
    return try client.run()
}

private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
