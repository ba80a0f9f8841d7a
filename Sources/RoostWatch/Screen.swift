// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Draws the cluster as a table with recent events below it. Pure: a view, a size and a time in, lines out.

import RoostStats

/// Columns and rows of a terminal.
struct ScreenSize: Equatable {
    var columns: Int
    var rows: Int

    /// What a terminal has that does not say: the VT100's size.
    static let standard = ScreenSize(columns: 80, rows: 24)
}

/// What the screen says besides the view: where we listen.
struct Screen {
    /// The addresses that the user gave, for the message that nobody answers.
    var addresses: [String]

    /// The whole screen: at most `size.rows` lines, none wider than `size.columns`.
    func lines(of view: ClusterView, size: ScreenSize, at now: Duration) -> [StyledLine] {
        var top = [header(of: view, columns: size.columns, at: now), ""]
        guard !view.nodes.isEmpty else {
            top += waiting(at: now, view.refusal)
            return assemble(top, bottom: [StyledLine("q quits", .dim)], size: size)
        }
        // The table comes first; events get what it leaves above the help line.
        top += shortened(table(of: view, columns: size.columns, at: now), to: max(size.rows - top.count - 1, 3))
        // A blank line and a head come before the events, the help line after them, and a blank if there is room.
        let left = size.rows - top.count - 3
        let room = left > 1 ? left - 1 : left
        if room > 0, !view.events.isEmpty {
            top += ["", StyledLine("EVENTS", .dim)] + view.events.suffix(room).reversed().map(line(of:))
        }
        return assemble(top, bottom: [help(columns: size.columns)], size: size)
    }

    /// What a single look shows: the header and the table.
    func summary(of view: ClusterView, columns: Int, at now: Duration) -> [StyledLine] {
        [header(of: view, columns: columns, at: now), ""] + table(of: view, columns: columns, at: now)
    }

    /// Heads, one row a node, and a row for the whole cluster if there are several.
    func table(of view: ClusterView, columns: Int, at now: Duration) -> [StyledLine] {
        let names = view.names(at: now)
        let (chosen, nameWidth) = layout(names: names, columns: columns)
        var head = StyledLine(fit("NODE", to: nameWidth, alignedRight: false) + " " + pad("STATE"), .dim)
        for column in chosen { head.append(" " + fit(column.title, to: column.width, alignedRight: true), .dim) }
        var lines = [head] + names.map { row(of: $0, view: view, columns: chosen, nameWidth: nameWidth, at: now) }
        let live = view.liveReports(at: now)
        if names.count > 1 {
            var total = StyledLine(fit("cluster", to: nameWidth, alignedRight: false) + " " + pad(""), .bold)
            for column in chosen {
                let cell = column.total?(live) ?? Column.Cell(text: "")
                total.append(" " + fit(cell.text, to: column.width, alignedRight: true), .bold)
            }
            lines.append(total)
        }
        return lines.map { $0.fitted(to: columns) }
    }

    /// `14:03:22 node2 is down (node1, node3)`
    func line(of event: ClusterView.EventLine) -> StyledLine {
        var line = StyledLine(clockTime(event.timeMs) + " ", .dim)
        line.append(event.text, style(of: event))
        if !event.reporters.isEmpty { line.append("  (\(event.reporters.joined(separator: ", ")))", .dim) }
        return line
    }

    // MARK: Parts

    private static let stateWidth = 8

    private func pad(_ state: String) -> String { fit(state, to: Self.stateWidth, alignedRight: false) }

    /// As many columns as fit beside the names, which get up to 16 columns and more where there is room.
    private func layout(names: [String], columns: Int) -> (chosen: [Column], nameWidth: Int) {
        let wanted = max(names.map { columnWidth(of: printable($0)) }.max() ?? 0, 7)
        let nameWidth = min(wanted, max(16, columns / 6))
        var left = columns - nameWidth - 1 - Self.stateWidth
        var ranks: Set<Int> = []
        for column in Column.all.sorted(by: { $0.rank < $1.rank }) where left >= column.width + 1 {
            left -= column.width + 1
            ranks.insert(column.rank)
        }
        return (Column.all.filter { ranks.contains($0.rank) }, nameWidth)
    }

    private func row(
        of name: String, view: ClusterView, columns: [Column], nameWidth: Int, at now: Duration
    ) -> StyledLine {
        var line = StyledLine(fit(printable(name), to: nameWidth, alignedRight: false) + " ")
        guard let node = view.nodes[name] else {
            line.append("unheard ", .warning)
            line.append(" no report yet" + opinions(of: name, view: view, at: now), .dim)
            return line
        }
        guard !view.isSilent(node, at: now) else {
            let state = node.stats.state == .draining ? "left" : "silent"
            line.append(pad(state), node.stats.state == .draining ? .dim : .bad)
            line.append(
                " since \(clockTime(node.stats.timeMs)) (\(shortAge(milliseconds: milliseconds(now - node.heardAt))))")
            line.append(opinions(of: name, view: view, at: now), .dim)
            return line
        }
        line.append(pad(node.stats.state.rawValue), style(of: node.stats.state))
        for column in columns {
            let cell = column.cell(node.stats)
            line.append(" " + fit(printable(cell.text), to: column.width, alignedRight: true), cell.style)
        }
        return line
    }

    /// `; peers say down`, or who says what where they differ.
    private func opinions(of name: String, view: ClusterView, at now: Duration) -> String {
        let opinions = view.opinions(of: name, at: now)
        if opinions.isEmpty { return "" }
        if opinions.count == 1 {
            let reporters = opinions[0].reporters
            return "; " + (reporters.count == 1 ? "\(reporters[0]) says " : "peers say ") + opinions[0].state.rawValue
        }
        return "; "
            + opinions.map { "\($0.state.rawValue): \($0.reporters.joined(separator: ", "))" }.joined(separator: "; ")
    }

    private func header(of view: ClusterView, columns: Int, at now: Duration) -> StyledLine {
        var line = StyledLine("roost", .bold)
        let reports = view.liveReports(at: now)
        if !view.nodes.isEmpty {
            let serving = reports.count { $0.state == .serving }
            let names = view.names(at: now)
            line.append("  \(names.count) \(names.count == 1 ? "node" : "nodes"), \(serving) serving")
            let silent = view.nodes.values.count { view.isSilent($0, at: now) && $0.stats.state != .draining }
            if silent > 0 { line.append(", \(silent) silent", .bad) }
            switch view.agreement(at: now) {
            case .alone: break
            case .agree: line.append("  rosters agree", .good)
            case .changing: line.append("  rosters changing", .warning)
            case .differ: line.append("  rosters differ", .bad)
            }
        }
        guard let time = view.clusterTimeMs(at: now) else { return line }
        let clock = clockTime(time) + " UTC"
        line = line.fitted(to: max(0, columns - clock.count - 1))
        line.append(String(repeating: " ", count: max(0, columns - line.width - clock.count)) + clock)
        return line
    }

    private func waiting(at now: Duration, _ refusal: String?) -> [StyledLine] {
        let list = addresses.joined(separator: ", ")
        let age = shortAge(milliseconds: milliseconds(now))
        guard now >= .seconds(2) else { return [StyledLine("Listening to \(list) …")] }
        if let refusal { return [StyledLine("\(refusal) (waiting for \(age)).", .warning)] }
        return [
            StyledLine("Nobody publishes at \(list) yet (waiting for \(age)).", .warning),
            "",
            "Start a node with `roost node` or `roost cluster up`, or give the stats address",
            "of a running one: roost stats HOST:PORT",
        ]
    }

    private func help(columns: Int) -> StyledLine {
        let (chosen, _) = layout(names: [], columns: columns)
        var line = StyledLine("q quits", .dim)
        for column in chosen {
            guard let meaning = column.meaning else { continue }
            let note = "  \(column.title) \(meaning)"
            if line.width + columnWidth(of: note) <= columns { line.append(note, .dim) }
        }
        return line
    }

    private func style(of state: NodeStats.State) -> TextStyle {
        switch state {
        case .serving: .good
        case .joining, .draining: .warning
        default: .plain
        }
    }

    private func style(of event: ClusterView.EventLine) -> TextStyle {
        switch StatsEvent.Kind(rawValue: event.kind) {
        case .peerDown, .peerGone, .malformed, .peerRefused: .bad
        case .peerSuspect, .collision, .clientRefused: .warning
        case .peerUp: .good
        default: event.kind == ClusterView.silentKind ? .bad : .plain
        }
    }

    // MARK: Fitting

    /// The table cut in the middle: its heads and its total stay.
    private func shortened(_ table: [StyledLine], to rows: Int) -> [StyledLine] {
        guard table.count > rows else { return table }
        let kept = max(rows - 3, 0)
        let hidden = table.count - 2 - kept
        return table.prefix(1 + kept) + [StyledLine("… \(hidden) more: make the window higher", .dim)] + table.suffix(1)
    }

    /// Puts the bottom lines at the bottom and cuts what is too wide or too much.
    private func assemble(_ top: [StyledLine], bottom: [StyledLine], size: ScreenSize) -> [StyledLine] {
        let blank = size.rows - top.count - bottom.count
        let lines = top + Array(repeating: "", count: max(0, blank)) + (blank >= 0 ? bottom : [])
        return lines.prefix(size.rows).map { $0.fitted(to: size.columns) }
    }
}
