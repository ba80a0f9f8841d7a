// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What lies between the nodes of a case, by what the plan asks for: nothing, the proxy, or namespaces.

import RoostCluster
import RoostConfiguration

/// The network of a case.
enum NodeNetwork {
    case direct
    case proxy(LinkProxy)
    case namespaces(NetworkNamespaces)

    /// The control port that the proxy has for a node: within the ten ports that the node at that index has for itself.
    static func front(ofNode node: Int, basePort: Int) -> Endpoint {
        Endpoint(host: "127.0.0.1", port: controlPort(ofNode: node, basePort: basePort) + 5)
    }

    /// The control port of a node, as cluster/README.md has it.
    static func controlPort(ofNode node: Int, basePort: Int) -> Int { basePort + 933 + 10 * node }

    /// Where a node runs.
    func place(ofNode node: Int, basePort: Int) -> NodePlace {
        var place = NodePlace()
        switch self {
        case .direct: break
        case .proxy: place.advertised = Self.front(ofNode: node, basePort: basePort)
        case .namespaces(let namespaces):
            place.clientHost = namespaces.clientHost(ofNode: node)
            place.meshHost = namespaces.meshHost(ofNode: node)
            place.prefix = namespaces.prefix(ofNode: node)
        }
        return place
    }

    /// Takes it away.
    func remove() {
        switch self {
        case .direct: break
        case .proxy(let proxy): proxy.stop()
        case .namespaces(let namespaces): namespaces.remove()
        }
    }

    /// Does what an action orders of links.
    func apply(_ action: FaultAction) throws(ChaosFailure) {
        switch self {
        case .direct: break
        case .proxy(let proxy): proxy.apply(action)
        case .namespaces(let namespaces): try namespaces.apply(action)
        }
    }
}
