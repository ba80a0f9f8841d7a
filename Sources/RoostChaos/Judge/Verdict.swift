// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Holds the figures and answers of a run against what the plan expects.

/// What every node answered to the questions of a plan, when the run was over.
public typealias Answers = [Question: [(node: String, words: [String])]]

/// Decides whether a case passed.
enum Verdict {
    /// Why it did not; empty if it did.
    static func failures(of expectations: [Expectation], _ figures: Figures, _ answers: Answers) -> [String] {
        expectations.compactMap { failure(of: $0, figures, answers) }
    }

    private static func failure(of expectation: Expectation, _ figures: Figures, _ answers: Answers) -> String? {
        switch expectation {
        case .limit(let metric, .count(let bound), _):
            let count = figures.count(of: metric)
            return count > bound ? "\(metric.rawValue) \(count), allowed \(bound)" : nil
        case .limit(let metric, .countAtLeast(let bound), _):
            let count = figures.count(of: metric)
            return count < bound ? "\(metric.rawValue) \(count), wanted \(bound)" : nil
        case .limit(let metric, .time(let bound), let after):
            guard let time = figures.time(of: metric, after: after) else { return "\(metric.rawValue): never" }
            return time > bound ? "\(metric.rawValue) \(time.brief), allowed \(bound.brief)" : nil
        case .same(let question):
            let given = answers[question] ?? []
            guard let first = given.first, given.contains(where: { $0.words != first.words }) else {
                return given.isEmpty ? "\(question.text): no node answered" : nil
            }
            return "\(question.text) differs: \(told(given))"
        case .answer(let question, let words):
            let given = answers[question] ?? []
            guard given.isEmpty || given.contains(where: { $0.words != words }) else { return nil }
            return "\(question.text): \(told(given)) instead of \(list(words))"
        }
    }

    private static func told(_ given: [(node: String, words: [String])]) -> String {
        given.map { "\($0.node) says \(list($0.words))" }.joined(separator: ", ")
    }

    private static func list(_ words: [String]) -> String { words.isEmpty ? "nobody" : words.joined(separator: " ") }
}

extension Figures {
    /// The figure of a metric that counts; 0 for those that are times.
    func count(of metric: Metric) -> Int {
        switch metric {
        case .quits: quits
        case .joins: joins
        case .renames: renames
        case .lost: lost
        case .returned: returned
        case .outOfOrder: outOfOrder
        case .twiceOthers: twiceOthers
        case .twiceOwn: twiceOwn
        case .twiceAnew: twiceAnew
        case .talkAgain, .converged, .p50, .p99: 0
        }
    }

    /// The figure of a metric that is a time; nil where it never came, and for those that count.
    func time(of metric: Metric, after start: Duration) -> Duration? {
        switch metric {
        case .talkAgain: talkAgain
        case .converged: converged
        case .p50: quantile(0.5, duringFaultsAfter: start)
        case .p99: quantile(0.99, duringFaultsAfter: start)
        case .quits, .joins, .renames, .lost, .returned, .outOfOrder, .twiceOthers, .twiceOwn, .twiceAnew: nil
        }
    }
}
