// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What must hold between keys, and the values that are worked out from others when nobody set them.

import Foundation
import RoostKeys

extension ConfigurationReader {
    /// Fills in what nobody set. Relative paths from a file are taken from the file's folder.
    mutating func deriveDefaults(folder: String?, hostName: String) {
        if sources["node.name"] == nil {
            derive { $0.node.name = Self.nodeName(from: hostName) }
        }
        if sources["node.data-directory"] == nil {
            derive { $0.node.dataDirectory = "data/\($0.node.name)" }
        } else {
            let path = resolved(configuration.node.dataDirectory, of: "node.data-directory", folder)
            derive { $0.node.dataDirectory = path }
        }
        if sources["mesh.advertise"] == nil {
            derive { $0.mesh.advertise = $0.mesh.listen }
        }
        if sources["stats.listen"] == nil {
            derive { $0.stats.listen = $0.mesh.listen?.above(by: 2) }
        }
        readSecretFile(folder: folder)
        readMOTDFile(folder: folder)
        // `motd: |` ends with a line break, as files do; it ends the last line and begins no other.
        if configuration.server.motd.hasSuffix("\n") {
            derive { $0.server.motd.removeLast() }
        }
    }

    private mutating func readMOTDFile(folder: String?) {
        let key = "server.motd-file"
        guard !configuration.server.motdFile.isEmpty else { return }
        if !configuration.server.motd.isEmpty {
            report(source(of: key), key, "conflicts with server.motd; keep one")
            return
        }
        let path = resolved(configuration.server.motdFile, of: key, folder)
        guard let data = FileManager.default.contents(atPath: path) else {
            report(source(of: key), key, "\"\(path)\" cannot be read; allowed: the path of a text file")
            return
        }
        let text = String(bytes: data, encoding: .utf8)?.replacing("\r\n", with: "\n")
        guard let text, let motd = ValueFormat.motd.parse(text) else {
            report(source(of: key), key, "\"\(path)\" holds something else than \(ValueFormat.motd.allowed)")
            return
        }
        derive {
            $0.server.motd = motd
            $0.server.motdFile = ""
        }
    }

    /// The secret may stand in a file. Of that and `mesh.secret`, the one set over the other holds.
    private mutating func readSecretFile(folder: String?) {
        let key = "mesh.secret-file"
        guard !configuration.mesh.secretFile.isEmpty else { return }
        if configuration.mesh.secret != nil, source(of: "mesh.secret").rank >= source(of: key).rank {
            if source(of: "mesh.secret").rank == source(of: key).rank {
                report(source(of: key), key, "conflicts with mesh.secret; keep one")
            }
            derive { $0.mesh.secretFile = "" }
            return
        }
        let path = resolved(configuration.mesh.secretFile, of: key, folder)
        guard let text = KeyFile.text(in: path) else {
            report(source(of: key), key, "\"\(path)\" cannot be read; `roost keygen --out \(path)` makes such a file")
            return
        }
        guard let secret = ClusterSecret(text) else {
            report(
                source(of: key), key, "\"\(path)\" holds no secret; `roost keygen --out FILE` makes a file that does")
            return
        }
        derive {
            $0.mesh.secretFile = path
            $0.mesh.secret = secret
        }
    }

    private func resolved(_ path: String, of key: String, _ folder: String?) -> String {
        guard case .file = source(of: key), let folder, !path.hasPrefix("/"), folder != "." else { return path }
        return folder + "/" + path
    }

    /// The first label of a host name as far as it can be a node's name.
    static func nodeName(from hostName: String) -> String {
        let label = hostName.prefix { $0 != "." }.lowercased()
        let known = label.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        return known.isEmpty ? "node" : String(known.prefix(12))
    }
}

extension ConfigurationReader {
    /// Reports what is right key by key and wrong together.
    mutating func checkConflicts() {
        if configuration.listeners.isEmpty {
            report(
                source(of: "listeners"), "listeners",
                "nobody could connect; allowed: a list with at least one HOST:PORT, such as [127.0.0.1:6667]")
        }
        if configuration.mesh.listen == nil {
            for key in ["mesh.advertise", "mesh.peers"] where sources[key] != nil && isSet(key) {
                report(source(of: key), key, "needs mesh.listen, the address where other nodes reach this one")
            }
        }
        if let advertised = configuration.mesh.advertise, advertised.isWildcard {
            let key = sources["mesh.advertise"] == nil ? "mesh.listen" : "mesh.advertise"
            report(
                source(of: key), key,
                "other nodes cannot connect to \(advertised.host); set mesh.advertise to the address where they reach "
                    + "this one")
        }
        for (key, endpoint) in [
            ("mesh.listen", configuration.mesh.listen), ("stats.listen", configuration.stats.listen),
        ] {
            guard let endpoint, !endpoint.isLoopback, configuration.mesh.secret == nil else { continue }
            report(
                source(of: key), key,
                "\(endpoint) could be reached from other machines, and without a secret anyone there could read or "
                    + "write it; set mesh.secret-file to a file that `roost keygen --out FILE` made, the same on every "
                    + "node, or listen on 127.0.0.1:\(endpoint.port)")
        }
        if configuration.lobby.utf8.count > configuration.limits.channelLength {
            report(source(of: "lobby"), "lobby", "is longer than limits.channel-length allows")
        }
        var names: Set<String> = []
        for name in configuration.operators.map(\.name) where !names.insert(name).inserted {
            report(source(of: "operators"), "operators", "two are named \"\(name)\"; allowed: one of each name")
        }
        checkPorts()
    }

    private func isSet(_ key: String) -> Bool {
        key == "mesh.peers" ? !configuration.mesh.peers.isEmpty : configuration.mesh.advertise != nil
    }

    private mutating func checkPorts() {
        var taken: [(key: String, endpoint: Endpoint)] = []
        var wanted = configuration.listeners.map { (key: "listeners", endpoint: $0) }
        if let mesh = configuration.mesh.listen {
            wanted.append(("mesh.listen", mesh))
            wanted.append(("mesh.listen", mesh.above(by: 1)))
        }
        if let stats = configuration.stats.listen { wanted.append(("stats.listen", stats)) }
        for (key, endpoint) in wanted {
            if let other = taken.first(where: { $0.endpoint.overlaps(endpoint) }) {
                let reason = key == other.key ? "is wanted twice" : "is wanted by \(other.key) too"
                report(source(of: key), key, "\(endpoint) \(reason); allowed: a port that nothing else uses")
            }
            taken.append((key, endpoint))
        }
    }
}

extension Endpoint {
    fileprivate func overlaps(_ other: Endpoint) -> Bool {
        port == other.port && (host == other.host || isWildcard || other.isWildcard)
    }
}
