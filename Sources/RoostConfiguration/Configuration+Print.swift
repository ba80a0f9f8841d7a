// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The way back: a configuration as YAML; and what differs between two.

extension Configuration {
    /// YAML that `load` reads as this configuration: every key whose value is not the default. It holds what a
    /// message file held and any passwords, and the cluster's secret unless that is in a file.
    public var yaml: String {
        let standard = Configuration()
        var lines: [String] = []
        var group = ""
        for key in Key<Configuration>.all where key.shape != .records {
            let values = key.encode(self)
            // What is worked out at the start is always written: it may be worked out differently elsewhere.
            guard values != key.encode(standard) || key.derivedDefault != nil else { continue }
            if key.path == "mesh.secret", !mesh.secretFile.isEmpty { continue }
            let parts = key.path.split(separator: ".")
            let prefix = parts.count > 1 ? String(parts[0]) : ""
            if !prefix.isEmpty, prefix != group { lines.append("\(prefix):") }
            group = prefix
            let name = (prefix.isEmpty ? "" : "  ") + (parts.last ?? "")
            lines.append("\(name): \(key.shape == .list ? quotedList(values) : quoted(values.first ?? ""))")
        }
        if !operators.isEmpty { lines.append("operators:") }
        for item in operators {
            lines.append("  - name: \(quoted(item.name))")
            lines.append("    password: \(quoted(item.password))")
            if !item.hosts.isEmpty { lines.append("    hosts: \(quotedList(item.hosts))") }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// This configuration as a node that was started with another can obey it: keys that change only with a restart keep
    /// the other's values.
    public func keepingWhatNeedsARestart(of started: Configuration) -> Configuration {
        var result = self
        for key in Key<Configuration>.all where key.takesEffect == .restart { key.copy(started, &result) }
        return result
    }

    /// The keys whose values differ, and when each change is obeyed, in the order of the page of keys.
    public static func changes(from old: Configuration, to new: Configuration) -> [ConfigurationChange] {
        Key<Configuration>.all.compactMap { key in
            key.encode(old) == key.encode(new)
                ? nil : ConfigurationChange(key: key.path, takesEffect: key.takesEffect)
        }
    }
}

/// A double-quoted scalar (YAML 1.2 §7.3.1), which can hold any text.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

private func quotedList(_ texts: [String]) -> String {
    "[" + texts.map(quoted).joined(separator: ", ") + "]"
}
