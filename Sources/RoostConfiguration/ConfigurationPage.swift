// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The page docs/configuration.md, made from the table of keys so that it cannot tell anything else.

/// The page of all keys.
public enum ConfigurationPage {
    /// The whole page as Markdown.
    public static var text: String {
        var page = introduction
        for (title, prefix) in sections {
            let keys = Key<Configuration>.all.filter { group(of: $0.path) == prefix }
            page += "\n## \(title)\n\n"
            page += table(keys.filter { $0.shape != .records }, root: Configuration(), prefix: "")
            if keys.contains(where: { $0.shape == .records }) {
                page += "\n" + operators
                page += table(Key<Configuration.Operator>.all, root: Configuration.Operator(), prefix: "operators.")
            }
        }
        return page
    }

    private static let sections = [
        ("Clients", ""), ("Node", "node"), ("Log", "log"), ("Server", "server"), ("ADMIN", "admin"),
        ("Mesh", "mesh"), ("Holds", "hold"), ("Statistics", "stats"), ("Timeouts", "timeouts"), ("Limits", "limits"),
    ]

    private static func group(of path: String) -> String {
        path.contains(".") ? String(path.prefix { $0 != "." }) : ""
    }

    private static func table<Root>(_ keys: [Key<Root>], root: Root, prefix: String) -> String {
        var rows = "| key | value | default | changes on | meaning |\n|---|---|---|---|---|\n"
        for key in keys {
            let cells = [
                "`\(prefix)\(key.path)`", key.allowed, standard(of: key, in: root), key.takesEffect.rawValue,
                key.meaning,
            ]
            rows += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return rows
    }

    private static func standard<Root>(of key: Key<Root>, in root: Root) -> String {
        if let derived = key.derivedDefault { return derived }
        let values = key.encode(root)
        if key.shape == .scalar { return values == [""] ? "none" : "`\(values.joined())`" }
        return values.isEmpty ? "none" : "`[\(values.joined(separator: ", "))]`"
    }

    private static let introduction = """
        # Configuration

        A node reads, each over the one before: the defaults, a YAML file (`roost node --config FILE`), the environment,
        the flags of the command line. `roost check FILE` says what is wrong with a file without starting anything.

        ```yaml
        node:
          name: node1
        server:
          network: Example
          motd: |
            Welcome.
        listeners: [127.0.0.1:6667, "[::1]:6667"]
        mesh:
          listen: 127.0.0.1:7600
          peers: [127.0.0.1:7610]
        operators:
          - name: alice
            password: $6$…   # as `openssl passwd -6` prints it
            hosts: ["*@127.0.0.1"]
        ```

        - **Keys** are written nested, as above, or with dots: `node.name: node1`. An unknown key, a key set twice and a
          value that is not allowed end the start; each is told with file, line, column, key, what is allowed, and the
          nearest known key.
        - **Environment**: the variable of a key is `ROOST_` and the key in capitals, with `_` for each `.` and `-`:
          `mesh.down-after` is `ROOST_MESH_DOWN_AFTER`. Items of a list are separated by commas. Operators stand only in
          a file. Other variables that begin with `ROOST_` are named in a warning and ignored.
        - **Durations** are a whole number with a unit: `250ms`, `90s`, `5m`, `2h`. **Sizes**: `65536`, `64KiB`, `1GiB`.
        - **Passwords** are plain text or crypt(3) hashes, as `openssl passwd -6` and `mkpasswd` print them. A value
          that begins with `$`, letters or digits, and `$` is taken for a hash.
        - **Relative paths** in a file are taken from the file's folder, all others from the working directory.
        - **changes on**: `reload` keys change on `SIGHUP` or REHASH; `restart` keys only when the node starts again,
          and a reload that finds them changed says so in the log.
        - **The cluster's secret** encrypts the links between nodes and keeps strangers out. Without one, the mesh and
          the statistics may listen only on loopback addresses. [security.md](security.md) tells how to make it.

        This page is made from the table of keys in `Sources/RoostConfiguration`; a test compares the two.

        """

    private static let operators = """
        `operators` is a list of mappings with the keys below; it changes on reload.


        """
}
