// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Reads the text forms of Linux's /proc that the generator needs. Pure: text in, values out; opening the files is
// ServerProcesses' business. Formats: proc(5).

/// Parsers of files below `/proc`.
enum ProcText {
    /// The command's name of `/proc/PID/stat`: it stands in parentheses and may itself hold spaces and parentheses.
    static func command(stat: String) -> String? {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close else { return nil }
        return String(stat[stat.index(after: open)..<close])
    }

    /// Resident bytes of `/proc/PID/status`: the line `VmRSS:   123 kB`.
    static func residentBytes(status: String) -> UInt64? {
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.count == 3, fields[2] == "kB", let kibibytes = UInt64(fields[1]) else { return nil }
            return kibibytes * 1024
        }
        return nil
    }

    /// Inodes of the sockets that listen on `port`, from `/proc/net/tcp` or `tcp6`.
    static func listeners(table: String, port: UInt16) -> Set<UInt64> {
        var inodes: Set<UInt64> = []
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            // Columns: number, local address:port, remote address:port, state, …, the inode is the tenth.
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let inode = UInt64(fields[9])
            else { continue }
            inodes.insert(inode)
        }
        return inodes
    }

    /// The inode of a link below `/proc/PID/fd` that points to a socket: `socket:[123]`.
    static func socketInode(link: String) -> UInt64? {
        guard link.hasPrefix("socket:["), link.hasSuffix("]") else { return nil }
        return UInt64(link.dropFirst(8).dropLast())
    }
}
