// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Our ends of the ways to peers: opened and closed as the machine orders, watched, and made anew when libzmq does not
// bring them back by itself.

import RoostModel
import RoostNode
import ZeroMQ

/// The way to one peer.
final class MeshLink {
    let address: NumericAddress
    /// nil while it rests.
    var sockets: LinkSockets?
    /// When the sockets are made, while there are none.
    var opensAt: Instant

    init(to address: NumericAddress, at now: Instant) {
        self.address = address
        opensAt = now
    }
}

extension MeshLoop {
    /// How long a peer that does not want us is left alone.
    private static let rest = Duration.seconds(2)
    /// A thread that did not run for so long has heard nobody meanwhile, and accuses nobody.
    private static let pauseMin = Duration.seconds(1)

    /// Opens a link, as the machine ordered.
    func open(_ id: LinkID, to text: String) {
        guard let address = NumericAddress(text) else {
            stats.refused(
                .link, String(text.prefix(64)),
                because: "this is no numeric HOST:PORT; see that mesh.advertise of the node that tells it is one")
            return
        }
        let link = MeshLink(to: address, at: SystemClock.instant())
        links[id] = link
        connect(link, id)
    }

    /// Closes a link, as the machine ordered.
    func close(_ id: LinkID) {
        disconnect(id)
        links[id] = nil
    }

    /// Makes what is due, and makes anew what does not come back by itself.
    func tendLinks(at now: Instant) {
        let wasPaused = now - tendedAt >= Self.pauseMin
        tendedAt = now
        for (id, link) in links {
            guard let sockets = link.sockets else {
                if now >= link.opensAt { connect(link, id) }
                continue
            }
            if wasPaused {
                sockets.stream.health.heard(at: now)
                sockets.control.health.heard(at: now)
            }
            let complaint =
                sockets.stream.health.complaint(at: now, expectsMessages: true)
                ?? sockets.control.health.complaint(at: now, expectsMessages: false)
            if let complaint {
                stats.linkRemade(to: link.address.text, because: complaint)
                disconnect(id)
                connect(link, id)
            }
        }
    }

    /// Takes in what happened to a peer's stream.
    func readStreamMonitor(of id: LinkID) throws(ZeroMQError) {
        guard let end = links[id]?.sockets?.stream else { return }
        while let event = try end.monitor.next() {
            switch end.health.take(event, isEncrypted: gatekeeper != nil, at: SystemClock.instant()) {
            case .none: break
            case .connected: inputs.append(.linkConnected(id))
            case .lost: inputs.append(.linkDisconnected(id))
            case .refused(let reason): return letRest(id, because: reason)
            }
        }
    }

    /// Takes in what happened to the way to a peer's control socket.
    func readControlMonitor(of id: LinkID) throws(ZeroMQError) {
        guard let end = links[id]?.sockets?.control else { return }
        while let event = try end.monitor.next() {
            let change = end.health.take(event, isEncrypted: gatekeeper != nil, at: SystemClock.instant())
            if case .refused(let reason) = change { return letRest(id, because: reason) }
        }
    }

    // MARK: Probes

    /// Sees whether anybody listens at an address, as the machine ordered.
    func probe(_ link: LinkID, at text: String) {
        guard probes[link] == nil else { return }
        guard let address = NumericAddress(text) else {
            inputs.append(.probeAnswered(link, isRefused: false))
            return
        }
        let now = SystemClock.instant()
        probes[link] = ProbeSeries(address, at: now)
        attempt(link, at: now)
    }

    private func attempt(_ link: LinkID, at now: Instant) {
        guard let probe = probes[link]?.begin(at: now) else { return }
        if let descriptor = probe.descriptor {
            poller.add(descriptor: descriptor, as: .probe(link), for: .writable)
        } else {
            answerProbe(of: link)
        }
    }

    /// The kernel knows, or is not waited for any longer.
    func answerProbe(of link: LinkID) {
        guard var series = probes[link] else { return }
        poller.remove(.probe(link))
        let isConnected = links[link]?.sockets?.stream.health.isConnected ?? false
        let answer = series.end(at: SystemClock.instant(), isConnected: isConnected)
        probes[link] = answer == nil ? series : nil
        if let answer { inputs.append(.probeAnswered(link, isRefused: answer)) }
    }

    /// Gives up attempts that have waited long enough, and begins those that are due.
    func tendProbes(at now: Instant) {
        for (link, series) in probes {
            if let probe = series.probe {
                if now >= probe.deadline { answerProbe(of: link) }
            } else if now >= series.nextAt {
                attempt(link, at: now)
            }
        }
    }

    /// The peer does not want us. It is asked again later, when its operator may have mended it.
    private func letRest(_ id: LinkID, because reason: String) {
        guard let link = links[id] else { return }
        stats.refused(.link, link.address.text, because: reason)
        disconnect(id)
        link.opensAt = SystemClock.instant() + Self.rest
    }

    private func connect(_ link: MeshLink, _ id: LinkID) {
        do {
            let sockets = try LinkSockets(
                to: link.address, keys: gatekeeper?.keys, in: context, at: SystemClock.instant())
            poller.add(sockets.stream.socket, as: .stream(id))
            poller.add(sockets.control.socket, as: .answers(id))
            poller.add(sockets.stream.monitor, as: .streamMonitor(id))
            poller.add(sockets.control.monitor, as: .controlMonitor(id))
            link.sockets = sockets
        } catch {
            stats.fault("link", "no link to \(link.address.text): \(error)")
            link.opensAt = SystemClock.instant() + Self.rest
        }
    }

    private func disconnect(_ id: LinkID) {
        guard let link = links[id], let sockets = link.sockets else { return }
        if sockets.stream.health.isConnected { inputs.append(.linkDisconnected(id)) }
        for source in [Source.stream(id), .answers(id), .streamMonitor(id), .controlMonitor(id)] {
            poller.remove(source)
        }
        link.sockets = nil
    }
}
