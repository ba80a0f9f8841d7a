// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Turns totals into rates between two reports.

/// The rate at which a total grew since it was last looked at.
///
/// ```swift
/// var accepted = RateWindow(at: started)
/// accepted.rate(of: Double(total), at: now)   // a second, since the call before
/// ```
public struct RateWindow: Sendable, Equatable {
    private var lastTotal: Double
    private var lastTime: Duration

    /// Starts at `total`, seen at `time` on a monotonic clock of the caller's choice.
    public init(total: Double = 0, at time: Duration) {
        lastTotal = total
        lastTime = time
    }

    /// Growth a second since the call before, rounded to a tenth; 0 when the total fell or no time went by.
    public mutating func rate(of total: Double, at time: Duration) -> Double {
        let elapsed = (time - lastTime) / Duration.seconds(1)
        let growth = total - lastTotal
        guard elapsed > 0 else { return 0 }
        lastTotal = total
        lastTime = time
        return growth > 0 ? (growth / elapsed * 10).rounded() / 10 : 0
    }
}
