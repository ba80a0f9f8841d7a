// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the rounds came to: whether each was whole, and the figures beside the goal.

/// What was counted in one round.
struct MeshRound: Equatable {
    /// Messages that the first node published, an event each.
    var published: UInt64
    /// Events that the second node applied: each once, and in the order of their stream, or it would apply none.
    var applied: UInt64
    /// Events that had to be sent a second time, or were passed over.
    var repaired: UInt64
    var wallSeconds: Double
    /// Processor time of the process.
    var processorSeconds: Double

    /// What is wrong with it; nil if nothing is.
    var fault: String? {
        if applied != published { return "\(applied) of \(published) events were applied" }
        if repaired > 0 { return "\(repaired) events were lost on the way and repaired" }
        if processorSeconds <= 0 || wallSeconds <= 0 { return "it took no time" }
        return nil
    }
}

/// The rounds of one kind.
struct MeshReport {
    /// Events applied for each second of processor time of both nodes.
    static let goal = 400_000.0
    private static let widths = (title: 10, cell: 34)

    let title: String
    private(set) var faults: [String] = []
    private var rates: [Double] = []
    private var costs: [Double] = []

    init(title: String) { self.title = title }

    /// Whether every round was whole.
    var isSound: Bool { faults.isEmpty && !rates.isEmpty }

    mutating func add(_ round: MeshRound) {
        if let fault = round.fault { return faults.append(fault) }
        rates.append(Double(round.applied) / round.wallSeconds)
        costs.append(Double(round.applied) / round.processorSeconds)
    }

    static var header: String {
        row("", "events applied per s", "per CPU s", "of the goal of \(grouped(goal))")
    }

    var line: String {
        guard isSound else { return Self.row(title, "FAILED", "", "") }
        let share = Int((100 * Self.median(costs) / Self.goal).rounded(.down))
        return Self.row(title, Self.spread(rates), Self.spread(costs), "\(share) %")
    }

    private static func row(_ title: String, _ cells: String...) -> String {
        cells.reduce(padded(title, widths.title, atEnd: true)) { $0 + padded($1, widths.cell, atEnd: false) }
    }

    private static func padded(_ text: String, _ width: Int, atEnd: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return atEnd ? text + space : space + text
    }

    private static func spread(_ values: [Double]) -> String {
        guard values.count > 1, let least = values.min(), let greatest = values.max() else {
            return grouped(median(values))
        }
        return "\(grouped(median(values))) (\(grouped(least))–\(grouped(greatest)))"
    }

    /// The middle value, or what lies between the two in the middle; 0 of none.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    /// Whole, with commas between thousands.
    static func grouped(_ value: Double) -> String {
        var text = ""
        for (index, digit) in String(Int(value.rounded())).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
