// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The times that the machine is given and the times that it stamps on events.

/// A point on this process's steady clock, in nanoseconds. It never goes back and means nothing elsewhere.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary origin.
    public let nanoseconds: UInt64

    /// The point so many nanoseconds after the origin.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Orders by time: the earlier is the lesser.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The instant that much later.
    public static func + (left: Self, right: Duration) -> Self {
        let (seconds, attoseconds) = right.components
        let shift = seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
        return Self(nanoseconds: UInt64(clamping: Int64(clamping: left.nanoseconds) &+ shift))
    }

    /// The time between two instants; negative where the right one is later.
    public static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(Int64(clamping: left.nanoseconds) - Int64(clamping: right.nanoseconds))
    }
}

/// A time of day: milliseconds since 1970-01-01T00:00:00Z.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970, UTC.
    public let milliseconds: UInt64

    /// That many milliseconds since 1970.
    public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    /// Whole seconds since 1970, as IRC's numerics give times.
    public var seconds: UInt64 { milliseconds / 1_000 }

    /// Orders by time: the earlier is the lesser.
    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
}

/// Now, by both clocks, as the driver gives it to the machine with each input.
public struct Moment: Hashable, Sendable {
    /// The steady clock, for deadlines and ages.
    public let instant: Instant
    /// The time of day, for what people and other nodes see.
    public let wall: WallTime

    /// That point of the steady clock, at that time of day.
    public init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }
}

/// A hybrid logical time: 48 bits of milliseconds since 1970, 16 bits of counter. It orders what one event caused after
/// its cause, on whatever node that happens (Kulkarni et al., "Logical Physical Clocks", 2014).
public struct HybridTime: Hashable, Comparable, Sendable {
    /// Milliseconds shifted left by 16, plus the counter.
    public let rawValue: UInt64

    /// The time with that representation.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The first time in that millisecond.
    public init(wall: WallTime) { rawValue = wall.milliseconds << 16 }

    /// Before every time that a node stamps.
    public static let zero = HybridTime(rawValue: 0)

    /// The time of day that it lies in.
    public var wall: WallTime { WallTime(milliseconds: rawValue >> 16) }

    /// Orders by millisecond, then by counter: a cause before what it caused.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The clock that stamps hybrid times: never behind the time of day, never behind a time that it has seen.
public struct HybridClock: Sendable {
    /// The latest time given or seen.
    public private(set) var latest: HybridTime

    /// A clock that gives only times after that one.
    public init(after latest: HybridTime = .zero) { self.latest = latest }

    /// A time later than all before it. A full counter carries into the milliseconds.
    public mutating func tick(at wall: WallTime) -> HybridTime {
        latest = max(HybridTime(rawValue: latest.rawValue &+ 1), HybridTime(wall: wall))
        return latest
    }

    /// Takes note of a time that another node gave.
    public mutating func observe(_ time: HybridTime) {
        latest = max(latest, time)
    }
}
