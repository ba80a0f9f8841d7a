// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The windows of the client: one for the status, one for each channel and each person talked to, with what was said
// there, what is unread, and which one is looked at. How they are drawn is the `Frame`'s affair.

/// What was said in one place.
struct Window: Sendable {
    /// The oldest entry falls out at this many.
    static let entriesMax = 2_000

    struct Line: Sendable {
        /// Local time, `12:34`.
        var stamp: String
        var entry: Entry
    }

    var place: Place
    var topic = ""
    private(set) var lines: [Line] = []
    /// How many entries have fallen out; with it a line keeps its number for life.
    private(set) var dropped = 0
    private(set) var unread = 0
    /// Whether something unread asks for attention.
    private(set) var wantsAttention = false
    /// The number of the first line that came after the window was last left, if any has.
    private(set) var markedLine: Int?
    /// While scrolled back: the number of the line at the bottom. None follows the newest.
    private(set) var bottomLine: Int?

    init(place: Place) {
        self.place = place
    }

    /// The lines from the oldest to the one at the bottom of the view.
    var visible: ArraySlice<Line> {
        guard let bottomLine else { return lines[...] }
        return lines.prefix(max(bottomLine - dropped + 1, 1))
    }

    mutating func append(_ entry: Entry, stamp: String, isCurrent: Bool) {
        if !isCurrent {
            if markedLine == nil { markedLine = dropped + lines.count }
            if entry.isTalk {
                unread += 1
                wantsAttention = wantsAttention || entry.isForMe
            }
        }
        lines.append(Line(stamp: stamp, entry: entry))
        if lines.count > Self.entriesMax {
            let excess = lines.count - Self.entriesMax
            lines.removeFirst(excess)
            dropped += excess
        }
    }

    mutating func markSeen() {
        unread = 0
        wantsAttention = false
    }

    mutating func leave() {
        markedLine = nil
        bottomLine = nil
    }

    /// Moves the view by a number of lines; a negative one goes back.
    mutating func scroll(by count: Int) {
        guard let newest = lines.indices.last.map({ $0 + dropped }) else { return }
        let bottom = max((bottomLine ?? newest) + count, dropped)
        bottomLine = bottom >= newest ? nil : bottom
    }
}

/// All windows, in the order in which they were opened.
struct WindowList: Sendable {
    /// More are not opened: what strangers say to us beyond it goes to the status window.
    static let windowsMax = 200

    private(set) var windows = [Window(place: .status)]
    private(set) var currentIndex = 0

    var current: Window { windows[currentIndex] }

    /// Adds an entry to the window of its place, which is opened if need be.
    mutating func append(_ entry: Entry, stamp: String, in place: Place) {
        let index = open(place)
        windows[index].append(entry, stamp: stamp, isCurrent: index == currentIndex)
    }

    /// Opens the window of a place if there is none, and gives its index.
    @discardableResult
    mutating func open(_ place: Place) -> Int {
        if let index = index(of: place) { return index }
        guard windows.count < Self.windowsMax else { return 0 }
        windows.append(Window(place: place))
        return windows.count - 1
    }

    mutating func close(_ place: Place) {
        guard let index = index(of: place), index > 0 else { return }
        windows.remove(at: index)
        if currentIndex >= index {
            currentIndex = max(currentIndex - 1, 0)
            windows[currentIndex].markSeen()
        }
    }

    mutating func rename(_ place: Place, to new: Place) {
        guard let index = index(of: place), index > 0 else { return }
        if let other = self.index(of: new), other != index { return }
        windows[index].place = new
    }

    mutating func setTopic(_ topic: String, of place: Place) {
        guard let index = index(of: place) else { return }
        windows[index].topic = topic
    }

    /// Looks at the window of a place, which is opened if need be.
    mutating func focus(_ place: Place) {
        select(open(place))
    }

    /// Looks at a window by its index; one that does not exist changes nothing.
    mutating func select(_ index: Int) {
        guard windows.indices.contains(index), index != currentIndex else { return }
        windows[currentIndex].leave()
        currentIndex = index
        windows[currentIndex].markSeen()
    }

    mutating func selectNext(by step: Int) {
        select((currentIndex + step + windows.count) % windows.count)
    }

    /// Looks at the next window that wants attention, or else has something unread.
    mutating func selectUnread() {
        let others = windows.indices.map { ($0 + currentIndex) % windows.count }
        if let index = others.first(where: { windows[$0].wantsAttention })
            ?? others.first(where: { windows[$0].unread > 0 })
        {
            select(index)
        }
    }

    mutating func scroll(by count: Int) {
        windows[currentIndex].scroll(by: count)
    }

    private func index(of place: Place) -> Int? {
        windows.firstIndex { $0.place == place }
    }
}
