// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A cluster that a supervisor runs in another terminal, or in the background, as seen from this one.

import Glibc

/// Reaches the supervisor of a directory.
public struct RemoteCluster: Sendable {
    /// The directory that `up` was given.
    public let directory: String

    /// The cluster of a directory, whether it runs or not.
    public init(directory: String) {
        self.directory = directory
    }

    /// What the cluster does now. Fails when none runs in the directory.
    public func status() throws(ClusterFailure) -> ClusterState {
        // The file outlives a supervisor that was killed; a connection does not.
        close(try connection())
        guard let state = ClusterState.read(in: directory) else {
            throw ClusterFailure(.system, "\(ClusterState.file(in: directory)): cannot be read; try again")
        }
        return state
    }

    /// Kills a node with SIGKILL; it stays down. Returns a line that says so.
    public func kill(_ node: String) throws(ClusterFailure) -> String {
        try ask(.kill(node: node))
    }

    /// Stops a node if it runs and starts it; returns, with a line, when it serves.
    public func restart(_ node: String) throws(ClusterFailure) -> String {
        try ask(.restart(node: node))
    }

    /// Stops all nodes and their supervisor; returns, with a line, when none is left.
    public func down() throws(ClusterFailure) -> String {
        try ask(.down)
    }

    private func ask(_ request: ControlRequest) throws(ClusterFailure) -> String {
        let descriptor = try connection()
        defer { close(descriptor) }
        ControlLine.write(request, to: descriptor)
        guard let reply = ControlLine.read(ControlReply.self, from: descriptor) else {
            throw ClusterFailure(.refused, "the supervisor in \(directory) ended without an answer; see `status`")
        }
        guard reply.isDone else { throw ClusterFailure(.refused, reply.message) }
        return reply.message
    }

    private func connection() throws(ClusterFailure) -> Int32 {
        guard let descriptor = try ControlSocket.connect(to: directory) else {
            throw ClusterFailure(
                .notRunning, "no cluster runs in \(directory); start one with `roost cluster up`, or name its --dir")
        }
        return descriptor
    }
}
