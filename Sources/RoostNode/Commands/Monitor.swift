// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// MONITOR: who watches which nick. https://ircv3.net/specs/extensions/monitor

import RoostIRC
import RoostModel

extension Node {
    /// Tells our clients that watch a nick that somebody goes by it now, or nobody any more.
    mutating func tellWatchers(of nick: Nick, isOnline: Bool, prefix: String) {
        guard let watching = watchers[nick.folded], !watching.isEmpty else { return }
        for connection in watching.sorted() {
            reply(isOnline ? .monitorOnline(prefix) : .monitorOffline(nick.text), to: connection)
        }
    }
}
