// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// TOPIC. https://modern.ircdocs.horse/#topic-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func topic(_ caller: Caller, _ line: IRCLine) {
        let text = line.parameters[0]
        guard let channel = roster.visibleChannel(ChannelName(text)), mayList(channel, caller.user) else {
            reply(.noSuchChannel(text), to: caller)
            return
        }
        guard let topic = line.parameters.dropFirst().first else {
            sendTopic(of: channel, isAsked: true, to: caller)
            return
        }
        guard channel.members[caller.user] != nil else {
            reply(.notOnChannel(channel.name.text), to: caller)
            return
        }
        guard !channel.setFlags.contains(.topicProtected) || leads(caller.user, channel) else {
            reply(.notChannelOperator(channel.name.text), to: caller)
            return
        }
        publish(
            .topicChanged(
                channel: channel.name, birth: channel.state.birth,
                text: topic.truncated(toBytes: settings.limits.topicLength), by: actor(caller)))
    }
}
