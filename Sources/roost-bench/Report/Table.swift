// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The table for people: one line a step, printed as soon as it is measured, columns aligned. With several runs the line
// gives medians, and two lines below it the least and the greatest.

/// Lays out lines; printing them is the command's business.
struct Table {
    private static let widths = [30, 25, 24, 9, 9, 8, 8, 14]

    static let header = [
        line(["", "rate", "server's cost", "p50", "p99", "server", "bench", "checked"]),
        String(repeating: "─", count: widths.reduce(0, +) + widths.count - 1),
    ]

    /// The lines of one step.
    static func lines(_ report: StepReport) -> [String] {
        if let failure = report.failure { return [line([report.title]) + "  FAILED  \(failure)"] }
        guard report.faults.total == 0 else {
            let checked = report.checked.grouped
            return [line([report.title]) + "  FAILED  \(report.faults.description) (\(checked) arrived)"]
        }
        var lines = [line(cells(report, titled: report.title, checked: true) { $0.median })]
        if report.runs.count > 1 {
            lines.append(line(cells(report, titled: "   least of \(report.runs.count)", checked: false) { $0.min }))
            lines.append(line(cells(report, titled: "   greatest", checked: false) { $0.max }))
        }
        return lines
    }

    private static func cells(
        _ report: StepReport, titled title: String, checked: Bool, _ pick: (Spread) -> Double
    ) -> [String] {
        let first = report.runs.first
        return [
            title,
            figure(report.spread { $0.rate?.value }.map(pick), first?.rate?.unit),
            figure(report.spread { $0.cost?.value }.map(pick), first?.cost?.unit),
            report.spread { $0.p50 }.map { time(pick($0)) } ?? "",
            report.spread { $0.p99 }.map { time(pick($0)) } ?? "",
            report.spread { $0.serverPercent }.map { "\(Int(pick($0).rounded())) %" } ?? "–",
            report.spread { $0.generatorPercent }.map { "\(Int(pick($0).rounded())) %" } ?? "",
            checked && report.checked > 0 ? report.checked.grouped : "",
        ]
    }

    private static func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let fill = String(repeating: " ", count: max(0, widths[column] - cell.count))
            line += column == 0 ? cell + fill : " " + fill + cell
        }
        return line
    }

    private static func figure(_ value: Double?, _ unit: String?) -> String {
        guard let value, let unit else { return "" }
        let number = value < 100 && value != value.rounded() ? fixed(value, 1) : Int(value.rounded()).grouped
        return "\(number) \(unit)"
    }

    /// Nanoseconds as `87 µs`, `1.35 ms`, `40.1 ms` or `1.02 s`.
    static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<999_500: "\(Int((nanoseconds / 1e3).rounded())) µs"
        case ..<9_995_000: "\(fixed(nanoseconds / 1e6, 2)) ms"
        case ..<999_500_000: "\(fixed(nanoseconds / 1e6, 1)) ms"
        default: "\(fixed(nanoseconds / 1e9, 2)) s"
        }
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 1 ? 10 : 100
        let scaled = Int((value * Double(scale)).rounded())
        let rest = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}

extension Int {
    /// With a comma between thousands: `1,316,000`.
    var grouped: String {
        var groups: [Substring] = []
        var rest = Substring(String(magnitude))
        while rest.count > 3 {
            groups.append(rest.suffix(3))
            rest = rest.dropLast(3)
        }
        groups.append(rest)
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }
}
