// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Changes of modes as values, and their printing. Reading what a client asked for is ModeRequest's.

/// One change of one mode. Equal changes print alike.
public struct ModeChange<Mode>: Equatable, Sendable
where Mode: RawRepresentable & Equatable & Sendable, Mode.RawValue == Character {
    /// Set, or unset.
    public var isSetting: Bool
    /// Which mode.
    public var mode: Mode
    /// The mask, key, limit or nick, if there is one.
    public var parameter: String?

    /// A change of a mode.
    public init(isSetting: Bool, mode: Mode, parameter: String? = nil) {
        self.isSetting = isSetting
        self.mode = mode
        self.parameter = parameter
    }

    /// Sets a mode.
    public static func set(_ mode: Mode, _ parameter: String? = nil) -> ModeChange {
        ModeChange(isSetting: true, mode: mode, parameter: parameter)
    }

    /// Unsets a mode.
    public static func unset(_ mode: Mode, _ parameter: String? = nil) -> ModeChange {
        ModeChange(isSetting: false, mode: mode, parameter: parameter)
    }

    /// The parameters of the MODE messages that say these changes, in their order: `["+o-v", "alice", "bob"]`, with a
    /// sign only where it turns.
    ///
    /// A line has at most `modesMax` changes with a parameter, as clients may assume of `MODES`, and at most `bytesMax`
    /// bytes. No changes give no line.
    public static func lines(of changes: [ModeChange], modesMax: Int, bytesMax: Int = 400) -> [[String]] {
        var lines: [[String]] = []
        var letters = ""
        var parameters: [String] = []
        var bytes = 0
        var isSetting: Bool?
        for change in changes {
            let changeBytes = 2 + (change.parameter.map { $0.utf8.count + 1 } ?? 0)
            let isOver = change.parameter != nil && parameters.count >= modesMax || bytes + changeBytes > bytesMax
            if isOver && !letters.isEmpty {
                lines.append([letters] + parameters)
                letters = ""
                parameters = []
                bytes = 0
                isSetting = nil
            }
            if isSetting != change.isSetting {
                letters.append(change.isSetting ? "+" : "-")
                isSetting = change.isSetting
            }
            letters.append(change.mode.rawValue)
            if let parameter = change.parameter { parameters.append(parameter) }
            bytes += changeBytes
        }
        if !letters.isEmpty { lines.append([letters] + parameters) }
        return lines
    }
}

/// A change of a channel's mode.
public typealias ChannelModeChange = ModeChange<ChannelMode>

/// A change of a user's mode; never with a parameter.
public typealias UserModeChange = ModeChange<UserMode>
