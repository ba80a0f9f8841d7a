// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The text of a plan: one statement a line, words between spaces, `//` before a comment. What is wrong is told with the
// line, the word, and what is allowed there.

/// What is wrong with the text of a plan.
public struct FaultPlanError: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    /// What is wrong, and what is allowed.
    public var message: String
    /// `LINE: MESSAGE`.
    public var description: String { "\(line): \(message)" }
}

extension FaultPlan {
    /// Reads a plan.
    public init(parsing text: String) throws(FaultPlanError) {
        self.init()
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            var words = Words(line: number, text: line)
            if words.isEmpty { continue }
            try take(&words)
            try words.end()
        }
        guard !name.isEmpty else { throw FaultPlanError(line: number, message: "name is missing: write `name WORD`") }
        guard !expectations.isEmpty else {
            throw FaultPlanError(line: number, message: "nothing is expected, so nothing could fail")
        }
    }

    private mutating func take(_ words: inout Words) throws(FaultPlanError) {
        let allowed = "name, show, network, nodes, clients, rate, run, set, stay-away, user, at, expect"
        switch try words.next("a statement: \(allowed)") {
        case "name": name = try words.next("the name of the case")
        case "show": shows = try words.rest("what the case shows")
        case "network":
            let word = try words.next("direct, proxy or namespaces")
            guard let network = Network(rawValue: word) else {
                throw words.error("network \(word): allowed: direct, proxy, namespaces")
            }
            self.network = network
        case "nodes": nodes = try words.number(in: 2...9)
        case "clients": clients = try words.number(in: 2...500)
        case "rate": rate = try words.number(in: 1...10_000)
        case "run": length = try words.duration()
        case "set":
            let key = try words.next("a key of docs/configuration.md")
            settings[key] = try words.next("its value")
        case "stay-away": clientsReturn = false
        case "user":
            let name = try words.next("the user's name")
            try words.expect("on")
            actors.append(Actor(name: name, node: try words.node(of: nodes)))
        case "at": try takeStep(&words)
        case "expect": expectations.append(try words.expectation())
        case let word: throw words.error("\(word): unknown statement; allowed: \(allowed)")
        }
    }

    private mutating func takeStep(_ words: inout Words) throws(FaultPlanError) {
        let at = try words.duration()
        guard at < length else {
            throw words.error("at \(at.brief): the run ends at \(length.brief); write `run` before")
        }
        for action in try words.actions(of: self) {
            if action.isOfLinks, network == .direct {
                throw words.error("links can be broken with `network proxy` or `network namespaces`; write it before")
            }
            if case .delay = action, network == .namespaces {
                throw words.error("delay: only with `network proxy`")
            }
            steps.append(Step(at: at, action: action))
        }
        // Stable: what is due at one moment happens in the order of the lines.
        var order = Array(steps.enumerated())
        order.sort { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        steps = order.map(\.element)
    }
}

/// The words of one line, taken from the left.
private struct Words {
    let line: Int
    private var words: ArraySlice<Substring>

    init(line: Int, text: Substring) {
        self.line = line
        let all = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        words = all.prefix { !$0.hasPrefix("//") }
    }

    var isEmpty: Bool { words.isEmpty }

    func error(_ message: String) -> FaultPlanError { FaultPlanError(line: line, message: message) }

    mutating func next(_ what: String) throws(FaultPlanError) -> String {
        guard let word = words.popFirst() else { throw error("the line ends where there should be \(what)") }
        return String(word)
    }

    mutating func rest(_ what: String) throws(FaultPlanError) -> String {
        guard !words.isEmpty else { throw error("the line ends where there should be \(what)") }
        defer { words = [] }
        return words.joined(separator: " ")
    }

    /// Takes a word if it is the next one.
    mutating func take(_ word: String) -> Bool {
        guard let first = words.first, first == word else { return false }
        words.removeFirst()
        return true
    }

    mutating func expect(_ word: String) throws(FaultPlanError) {
        let found = try next("\"\(word)\"")
        guard found == word else { throw error("\(found): there should be \"\(word)\" here") }
    }

    func end() throws(FaultPlanError) {
        if let word = words.first { throw error("\(word): the line should end before it") }
    }

    mutating func number(in range: ClosedRange<Int>) throws(FaultPlanError) -> Int {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let word = try next(allowed)
        guard let number = Int(word), range.contains(number) else { throw error("\(word): allowed: \(allowed)") }
        return number
    }

    mutating func duration() throws(FaultPlanError) -> Duration {
        let word = try next("a time such as 5s, 1.5s or 250ms")
        guard let duration = Duration(brief: word) else {
            throw error("\(word): allowed: a time such as 5s, 1.5s or 250ms")
        }
        return duration
    }

    mutating func node(of count: Int) throws(FaultPlanError) -> Int {
        let word = try next("a node from node1 to node\(count)")
        guard word.hasPrefix("node"), let number = Int(word.dropFirst(4)), (1...count).contains(number) else {
            throw error("\(word): there is no such node; allowed: node1 to node\(count)")
        }
        return number - 1
    }

    /// The two nodes of a link.
    private mutating func pair(of count: Int) throws(FaultPlanError) -> (Int, Int) {
        let first = try node(of: count)
        let second = try node(of: count)
        guard first != second else { throw error("node\(first + 1): a node has no link to itself") }
        return (first, second)
    }

    mutating func actions(of plan: FaultPlan) throws(FaultPlanError) -> [FaultAction] {
        let count = plan.nodes
        let allowed = "kill, stop, continue, restart, cut, isolate, heal, delay, lose, fill-disk, free-disk, or USER:"
        switch try next("what to do: \(allowed)") {
        case "kill": return [.kill(try node(of: count))]
        case "stop": return [.stop(try node(of: count))]
        case "continue": return [.resume(try node(of: count))]
        case "restart": return [.restart(try node(of: count))]
        case "cut":
            let from = try node(of: count)
            let isOneWay = take("->")
            let to = try node(of: count)
            guard from != to else { throw error("node\(from + 1): a node has no link to itself") }
            return isOneWay ? [.cut(from: from, to: to)] : [.cut(from: from, to: to), .cut(from: to, to: from)]
        case "isolate": return [.isolate(try node(of: count))]
        case "heal": return [.heal]
        case "delay":
            let (first, second) = try pair(of: count)
            return [.delay(first, second, try duration())]
        case "lose":
            let (first, second) = try pair(of: count)
            let word = try next("a share such as 5%")
            guard word.hasSuffix("%"), let percent = Double(word.dropLast()), percent > 0, percent <= 50 else {
                throw error("\(word): allowed: a share above 0% and up to 50%")
            }
            return [.lose(first, second, percent: percent)]
        case "fill-disk": return [.fillDisk(try node(of: count))]
        case "free-disk": return [.freeDisk(try node(of: count))]
        case let word where word.hasSuffix(":"):
            let name = String(word.dropLast())
            guard plan.actors.contains(where: { $0.name == name }) else {
                throw error("\(name): no such user; write `user \(name) on NODE` before")
            }
            return [.say(actor: name, line: try rest("a line of IRC"))]
        case let word: throw error("\(word): unknown; allowed: \(allowed)")
        }
    }

    mutating func expectation() throws(FaultPlanError) -> Expectation {
        if take("same") { return .same(try question(try next("a question"))) }
        let word = try next("a figure or a question")
        guard let metric = Metric(rawValue: word) else {
            let question = try question(word)
            guard take("is") || take("are") else { throw error("after \(question.text) there should be \"is\"") }
            let answer = try rest("the answer, or nobody").split(separator: " ").map(String.init)
            return .answer(question, answer == ["nobody"] ? [] : answer.sorted())
        }
        let bound = try bound(of: metric)
        var after = Duration.zero
        if metric.takesAfter, take("after") { after = try duration() }
        return .limit(metric, bound, after: after)
    }

    private mutating func bound(of metric: Metric) throws(FaultPlanError) -> Expectation.Bound {
        if metric.isTime {
            guard take("<=") else {
                throw error("\(metric.rawValue) is a time: write `expect \(metric.rawValue) <= 2s`")
            }
            return .time(try duration())
        }
        if take(">=") { return .countAtLeast(try number(in: 0...1_000_000)) }
        _ = take("<=")
        return .count(try number(in: 0...1_000_000))
    }

    private mutating func question(_ word: String) throws(FaultPlanError) -> Question {
        switch word {
        case "holder": return .holder(nick: try next("a nick"))
        case "names": return .names(channel: try next("a channel"))
        case "operators": return .operators(channel: try next("a channel"))
        case "bans": return .bans(channel: try next("a channel"))
        default:
            let figures = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("\(word): no figure or question; allowed: \(figures), holder, names, operators, bans")
        }
    }
}
