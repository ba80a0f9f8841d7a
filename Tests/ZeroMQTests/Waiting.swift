// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the tests of this target share: options of sockets that wait, but never for ever, and loops with a deadline.

import ZeroMQ

/// Far longer than anything here takes, so that only a failure reaches it.
let deadline = Duration.seconds(20)

/// Options whose blocking calls end at the deadline.
var patient: SocketOptions {
    var options = SocketOptions()
    options.sendTimeout = deadline
    options.receiveTimeout = deadline
    return options
}

/// Patient options with small queues.
func patient(highWaterMark: Int) -> SocketOptions {
    var options = patient
    options.sendHighWaterMark = highWaterMark
    options.receiveHighWaterMark = highWaterMark
    return options
}

/// Runs `attempt` until it gives a value; nil at the deadline.
func first<Value>(
    within limit: Duration = deadline, _ attempt: () throws -> Value?
) rethrows -> Value? {
    let clock = ContinuousClock()
    let end = clock.now + limit
    repeat {
        if let value = try attempt() { return value }
    } while clock.now < end
    return nil
}

/// Reads a monitor until an event fits; nil at the deadline. What does not fit is passed over.
func firstEvent(
    of monitor: borrowing SocketMonitor, within limit: Duration = deadline, where fits: (SocketEvent) -> Bool
) throws -> SocketEvent? {
    var poller = Poller<Int>()
    poller.add(monitor, as: 0)
    let clock = ContinuousClock()
    let end = clock.now + limit
    repeat {
        while let event = try monitor.next() {
            if fits(event) { return event }
        }
        _ = try poller.wait(timeout: .milliseconds(50))
    } while clock.now < end
    return nil
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
