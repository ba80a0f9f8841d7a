// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One client's end of SwiftNIO's channel pipeline. It holds no state of the chat: bytes and events go to the loop, and
// reading stops here when the loop says so.

import NIOCore

/// The handler of one connection.
final class ClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let loop: ClientLoop
    private let host: String
    private var slot: Int?
    private var context: ChannelHandlerContext?
    private var isPaused = false
    /// Whether the channel wanted to read while that was paused.
    private var wantsRead = false
    private var closeReason = "Connection closed"

    init(loop: ClientLoop, host: String) {
        self.loop = loop
        self.host = host
    }

    /// Lets the channel read no more for now. What it has read still comes.
    func pauseReading() { isPaused = true }

    /// Lets the channel read again.
    func resumeReading() {
        isPaused = false
        guard wantsRead else { return }
        wantsRead = false
        context?.read()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        slot = loop.open(context.channel, handler: self, host: host)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let slot else { return }
        loop.received(slot, unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard let slot else { return }
        loop.readCompleted(slot)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard let slot else { return }
        self.slot = nil
        loop.closed(slot, reason: closeReason)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError {
            closeReason = SystemError.text(error.errnoCode)
        } else {
            closeReason = "\(error)"
        }
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { wantsRead = true } else { context.read() }
    }
}
