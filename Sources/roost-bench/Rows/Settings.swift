// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the flags decide for all rows, and the limits that make every row end by itself.

/// One run's settings.
struct Settings: Sendable {
    var targets: [Endpoint] = []
    /// Replaces a row's own number of clients.
    var clients: Int?
    /// Replaces a row's own number of messages outstanding.
    var window: Int?
    /// Number of channels of the rooms row.
    var rooms = 50
    /// Number of members that read nothing.
    var silent = 20
    /// How long a row measures.
    var measured: Duration = .seconds(5)
    /// How long the same load runs before, unmeasured but checked.
    var warmUp: Duration = .milliseconds(500)
    /// Length of a message's text in bytes.
    var bodyLength = 60
    /// Registrations that may be under way at a time. At the limit the next waits for one to end.
    var handshakesMax = 512
    /// Messages per second of the open loop.
    var openLoopRate = 1_000
    /// Whether receivers acknowledge each read at once instead of when TCP likes to.
    var acknowledgesAtOnce = false
    /// A phase without any progress for this long fails its row.
    var patience: Duration = .seconds(15)
    /// Sets this process's nicks apart from those of other runs.
    var run = 0
}
