// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The clock on the wall, where this client runs.

import Glibc

/// Local times of day.
enum LocalTime {
    /// `12:34` for seconds since 1970, or for now.
    static func stamp(_ seconds: Int64?) -> String {
        var moment = time_t(seconds ?? Int64(time(nil)))
        var parts = tm()
        guard localtime_r(&moment, &parts) != nil else { return "--:--" }
        return twoDigits(parts.tm_hour) + ":" + twoDigits(parts.tm_min)
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
