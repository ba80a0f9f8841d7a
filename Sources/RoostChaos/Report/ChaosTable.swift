// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The outcomes as a table for people, and as JSON objects for programs.

import Foundation

/// Prints outcomes.
public enum ChaosTable {
    private static let titles = [
        "case", "sent", "accepted", "delivered", "twice", "own", "disorder", "lost", "returned", "quits", "talk again",
        "converged", "p50/p99 faults", "p50/p99 after", "result",
    ]

    /// The titles, as `row` aligns them.
    public static var header: String { line(titles) + "\n" + line(widths.map { String(repeating: "-", count: $0) }) }

    /// A line for an outcome, and one more for each reason why it is not good.
    public static func row(_ outcome: CaseOutcome) -> String {
        let name = outcome.plan.name
        switch outcome.result {
        case .skipped(let reason): return "\(line([name])) skipped: \(reason)"
        case .broken(let reason): return "\(line([name])) BROKEN: \(reason)"
        case .judged(let figures, let failures):
            let cells = [
                name, "\(figures.sent)", "\(figures.accepted)", "\(figures.delivered)", "\(figures.twiceOthers)",
                "\(figures.twiceOwn)", "\(figures.outOfOrder)", "\(figures.lost)", "\(figures.returned)",
                "\(figures.quits)", figures.talkAgain?.brief ?? "-", figures.converged?.brief ?? "-",
                pair(figures.quantile(0.5), figures.quantile(0.99)),
                pair(figures.quantileAfterFaults(0.5), figures.quantileAfterFaults(0.99)),
                failures.isEmpty ? "pass" : "FAIL",
            ]
            return ([line(cells)] + failures.map { "    \($0)" }).joined(separator: "\n")
        }
    }

    /// What the columns mean.
    public static let legend = """
        sent, accepted: messages; those are accepted of which the sender saw the echo. delivered: arrivals, each \
        recipient once.
        twice: arrivals beyond the first at clients whose connection never broke; own: at those whose connection broke.
        lost: arrivals missing of accepted messages, less those returned to their sender. quits: QUIT lines seen.
        talk again: longest of all reconnects and pairs of nodes after contact. p50/p99: from sending to delivery.
        """

    private static let widths: [Int] = [20, 6, 8, 9, 5, 5, 8, 6, 8, 6, 10, 9, 17, 17, 6]

    private static func line(_ cells: [String]) -> String {
        let padded = zip(cells, widths).enumerated().map { column, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return column == 0 || column == titles.count - 1 ? cell.0 + padding : padding + cell.0
        }
        return padded.joined(separator: "  ")
    }

    private static func pair(_ first: Duration?, _ second: Duration?) -> String {
        guard let first, let second else { return "-" }
        return "\(first.brief)/\(second.brief)"
    }

    /// One JSON object, on one line, with keys in order.
    public static func json(_ outcome: CaseOutcome) -> String {
        var object = JSONOutcome(name: outcome.plan.name, passed: outcome.isGood)
        switch outcome.result {
        case .skipped(let reason): object.skipped = reason
        case .broken(let reason): object.broken = reason
        case .judged(let figures, let failures):
            object.failures = failures
            object.figures = JSONFigures(figures)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and small numbers cannot fail to encode; an empty line would show it if they ever did.
        return (try? encoder.encode(object)).flatMap { String(bytes: $0, encoding: .utf8) } ?? ""
    }
}

private struct JSONOutcome: Encodable {
    var name: String
    var passed: Bool
    var skipped: String?
    var broken: String?
    var failures: [String]?
    var figures: JSONFigures?
}

private struct JSONFigures: Encodable {
    var sent, accepted, delivered, twice_others, twice_own, twice_anew, out_of_order, lost, returned: Int
    var quits, joins, renames, broken_connections: Int
    var talk_again_ms, converged_ms, p50_ms, p99_ms, p50_after_ms, p99_after_ms: Int64?
    var examples: [String]

    init(_ figures: Figures) {
        sent = figures.sent
        accepted = figures.accepted
        delivered = figures.delivered
        twice_others = figures.twiceOthers
        twice_own = figures.twiceOwn
        twice_anew = figures.twiceAnew
        out_of_order = figures.outOfOrder
        lost = figures.lost
        returned = figures.returned
        quits = figures.quits
        joins = figures.joins
        renames = figures.renames
        broken_connections = figures.broken
        talk_again_ms = figures.talkAgain?.inMilliseconds
        converged_ms = figures.converged?.inMilliseconds
        p50_ms = figures.quantile(0.5)?.inMilliseconds
        p99_ms = figures.quantile(0.99)?.inMilliseconds
        p50_after_ms = figures.quantileAfterFaults(0.5)?.inMilliseconds
        p99_after_ms = figures.quantileAfterFaults(0.99)?.inMilliseconds
        examples = figures.examples
    }
}
