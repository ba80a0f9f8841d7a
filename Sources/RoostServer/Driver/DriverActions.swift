// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What effects order that is neither for clients nor for peers: done by whoever assembles the node, off the machine's
// lock.

import RoostNode

/// What the driver calls for the effects that it cannot perform itself. Each may be called from any thread.
public struct DriverActions: Sendable {
    /// Opens the client ports (`NodeEffect.acceptClients`).
    public var acceptClients: @Sendable () -> Void
    /// Reads the configuration again and gives `settingsReloaded` (`NodeEffect.reloadSettings`).
    public var reloadSettings: @Sendable () -> Void
    /// Ends the node (`NodeEffect.stop`).
    public var stop: @Sendable () -> Void
    /// Tells operators (`NodeEffect.note`).
    public var note: @Sendable (Note) -> Void
    /// Whether a given password fits a stored one. Called on a thread of its own, and may take its time.
    public var checkPassword: @Sendable (_ given: String, _ stored: String) -> Bool

    /// Those actions; the defaults do nothing, and no password fits.
    public init(
        acceptClients: @escaping @Sendable () -> Void = {},
        reloadSettings: @escaping @Sendable () -> Void = {},
        stop: @escaping @Sendable () -> Void = {},
        note: @escaping @Sendable (Note) -> Void = { _ in },
        checkPassword: @escaping @Sendable (_ given: String, _ stored: String) -> Bool = { _, _ in false }
    ) {
        self.acceptClients = acceptClients
        self.reloadSettings = reloadSettings
        self.stop = stop
        self.note = note
        self.checkPassword = checkPassword
    }
}
