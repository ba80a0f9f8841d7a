// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node orders must be possible: lines for clients, and frames that its peers can read.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// Encodes whatever the driver would send, and has it read as its receivers would.
func checkEffects(_ effects: [NodeEffect]) throws(BrokenRule) {
    for effect in effects {
        switch effect {
        case .send(let message, _), .fanOut(let message, _, _): try checkSendable(message)
        case .publish(let event):
            let header = FrameHeader(
                cluster: "roost", node: event.id.node, epoch: event.id.epoch, time: event.time)
            let frame = EventFrame(header: header, events: [event])
            try checkReadable(frame, EventFrame.init(decoding:)) { $0.encoded() }
        case .publishAcknowledgement(let report):
            try checkReadable(report, Acknowledgement.init(decoding:)) { $0.encoded() }
        case .publishHeartbeat(let heartbeat):
            try checkReadable(heartbeat, Heartbeat.init(decoding:)) { $0.encoded() }
        case .sendControl(let frame, _):
            try checkReadable(frame, ControlFrame.init(decoding:)) { $0.encoded() }
        default: continue
        }
    }
}

private func checkReadable<Frame: Equatable>(
    _ frame: Frame, _ decode: (RawSpan) throws(WireError) -> Frame, _ encode: (Frame) -> [UInt8]
) throws(BrokenRule) {
    let heard = try read(encode(frame), decode, "a node says nothing that its peers cannot read: \(frame)")
    try check(heard == frame, "a node is understood: \(frame) is read as \(heard)")
}
