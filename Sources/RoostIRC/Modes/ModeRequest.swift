// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a MODE command asks for. Whether it is allowed and changes anything is the node's, as are legal keys, limits,
// masks.

/// The modes in a MODE command for a channel.
///
/// See https://modern.ircdocs.horse/#mode-message
public struct ChannelModeRequest: Equatable, Sendable {
    /// What is asked to be changed, in order.
    public var changes: [ChannelModeChange] = []
    /// The lists asked for, each once: "if the mode is of type A and has no parameter, the contents are sent".
    public var queries: [ChannelMode] = []
    /// What was wrong, in order.
    public var faults: [ModeFault] = []
    /// How many changes were dropped for being more than allowed.
    public var surplus = 0

    /// Reads what follows the channel: mode letters, then parameters, then perhaps more letters with their sign, once
    /// the parameters are used up (`+o alice +v bob`). Parameters that no letter takes are left out.
    ///
    /// At most `modesMax` changes with a parameter are taken, as `MODES` says. A mode without its sign is set. To unset
    /// a key, any parameter or none will do. An unknown letter takes no parameter and is named once.
    public init(parsing arguments: some Collection<String>, modesMax: Int) {
        var rest = Array(arguments)[...]
        var parameterised = 0
        var isFirst = true
        while let letters = rest.popFirst() {
            guard isFirst || letters.hasPrefix("+") || letters.hasPrefix("-") else { continue }
            isFirst = false
            var isSetting = true
            for letter in letters {
                if letter == "+" || letter == "-" {
                    isSetting = letter == "+"
                    continue
                }
                guard let mode = ChannelMode(rawValue: letter) else {
                    if !faults.contains(.unknownMode(letter)) { faults.append(.unknownMode(letter)) }
                    continue
                }
                guard mode.takesParameter(isSetting: isSetting) else {
                    changes.append(ChannelModeChange(isSetting: isSetting, mode: mode))
                    continue
                }
                guard let parameter = rest.popFirst() ?? (mode == .key && !isSetting ? "*" : nil) else {
                    if mode.kind != .list {
                        faults.append(.missingParameter(mode))
                    } else if !queries.contains(mode) {
                        queries.append(mode)
                    }
                    continue
                }
                guard parameterised < modesMax else {
                    surplus += 1
                    continue
                }
                parameterised += 1
                changes.append(ChannelModeChange(isSetting: isSetting, mode: mode, parameter: parameter))
            }
        }
    }
}

/// What can be wrong with a mode letter.
public enum ModeFault: Equatable, Sendable {
    /// There is no such mode: 472.
    case unknownMode(Character)
    /// The mode needs a parameter: 696, or 461.
    case missingParameter(ChannelMode)
}

/// The modes in a MODE command for a user.
public struct UserModeRequest: Equatable, Sendable {
    /// What is asked to be changed, in order.
    public var changes: [UserModeChange] = []
    /// Whether a letter was of no mode: 501, once.
    public var hasUnknown = false

    /// Reads the mode letters that follow the nick. A mode without its sign is set.
    public init(parsing letters: String) {
        var isSetting = true
        for letter in letters {
            if letter == "+" || letter == "-" {
                isSetting = letter == "+"
            } else if let mode = UserMode(rawValue: letter) {
                changes.append(UserModeChange(isSetting: isSetting, mode: mode))
            } else {
                hasUnknown = true
            }
        }
    }
}

extension ChannelMode {
    fileprivate func takesParameter(isSetting: Bool) -> Bool {
        switch kind {
        case .list, .parameter, .status: true
        case .setParameter: isSetting
        case .flag: false
        }
    }
}
