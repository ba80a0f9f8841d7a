// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What goes into the session and what comes out of it. The driver turns sockets, terminal and clock into inputs and
// performs the effects in their order.

import RoostIRC

/// What happened.
enum SessionInput: Equatable, Sendable {
    /// Once, before all others.
    case started
    case connected
    /// The connection asked for could not be made.
    case connectionFailed(String)
    /// The connection ended, and not because the session asked for it.
    case connectionLost(String)
    case received(IRCLine)
    /// A line that the person (or the pipe) entered while looking at a place.
    case entered(String, at: Place)
    /// The pipe's input is at its end. Given once, when `acceptsInput` is true.
    case inputEnded
    /// The person wants to leave, by a key or by a signal.
    case leaveAsked
    /// `nextDeadline` has come.
    case deadlineReached
}

/// What is to be done.
enum SessionEffect: Equatable, Sendable {
    /// Give up any connection there is, and begin one to this address.
    case connect(ChatAddress)
    case disconnect
    case send(IRCLine)
    case show(Entry, in: Place)
    /// News of the connection: for every eye, wherever it looks.
    case announce(Entry)
    case setTopic(String, of: Place)
    /// Look at a place.
    case focus(Place)
    /// Look at the window with this number, counted from 1.
    case selectWindow(Int)
    case rename(Place, to: Place)
    case close(Place)
    /// The end: of success, or of a failure to be told.
    case finish(ChatFailure?)
}

/// Whether a person sits at a terminal or a program at a pipe.
enum ChatMode: Equatable, Sendable {
    case terminal
    case pipe
}

/// How long the client waits, and what it does then.
struct SessionLimits: Equatable, Sendable {
    /// To connect to one address; then the next one is tried.
    var connecting = Duration.seconds(4)
    /// To be registered once connected; then the next address is tried.
    var registering = Duration.seconds(10)
    /// Without a word from the node, until it is asked for one.
    var quiet = Duration.seconds(20)
    /// For its answer; then it counts as dead.
    var answering = Duration.seconds(10)
    /// For the echo of what was said; then we say that it is not confirmed.
    var confirming = Duration.seconds(10)
    /// For the node to close the connection after QUIT; then we do.
    var leaving = Duration.seconds(2)
    /// A connection that held less long than this counts as a failure to connect.
    var settling = Duration.seconds(5)
    /// The pause after all addresses failed once; it doubles each time up to `pauseMax`.
    var pause = Duration.milliseconds(500)
    var pauseMax = Duration.seconds(15)
    /// A pipe gives up after so many rounds of all addresses; a terminal never does.
    var roundsMax = 4
    /// A pipe is not read while more of its lines are unconfirmed.
    var unconfirmedMax = 64
}
