// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The end of channels: one that nobody is in is given up by an event, so that the next to join it begins a new one.

import RoostModel
import RoostRoster

extension Node {
    /// Ends the channels that a user of ours was the last to leave, and watches those that a change elsewhere emptied:
    /// whoever is missed there may be on the way back.
    mutating func noteEmptyChannels(in changes: [RosterChange], isOurs: Bool) {
        var touched: Set<ChannelName> = []
        for change in changes {
            switch change {
            case .parted(_, let channel, _, _), .kicked(_, let channel, _, _): touched.insert(channel)
            case .userLeft(_, _, _, let channels, _): touched.formUnion(channels)
            case .joined(_, let channel):
                emptyChannels[channel] = nil
                populatedChannels.insert(channel)
            default: break
            }
        }
        for name in touched.sorted() where roster.visibleChannel(name) == nil {
            populatedChannels.remove(name)
            guard let channel = roster.channels[name], channel.state.ended == nil else { continue }
            // Members that are out of sight may come back to what they left.
            if isOurs, channel.members.isEmpty {
                end(channel)
            } else {
                emptyChannels[name] = now.instant
            }
        }
    }

    /// Ends the channels that have been empty for long enough: the node that they were born at does it, else the lowest
    /// node that is up.
    mutating func endEmptyChannels() {
        for (name, since) in emptyChannels.sorted(by: { $0.key < $1.key })
        where now.instant - since >= settings.limits.emptyChannelKept {
            emptyChannels[name] = nil
            guard let channel = roster.channels[name], channel.state.ended == nil,
                roster.visibleChannel(name) == nil
            else { continue }
            let up = mesh.peers.filter { $0.value.isFollowed && $0.value.health != .down }.keys
            let birthplace = channel.state.birth.node
            let ender = up.contains(birthplace) ? birthplace : min(up.min() ?? settings.node, settings.node)
            if birthplace == settings.node || ender == settings.node {
                end(channel)
            } else {
                emptyChannels[name] = now.instant
            }
        }
    }

    /// Ends a channel with all its births: one that lost must not come back in place of the one that ends.
    private mutating func end(_ channel: Channel) {
        for state in channel.states where state.ended == nil {
            publish(.channelEnded(channel: channel.name, birth: state.birth))
        }
    }
}
