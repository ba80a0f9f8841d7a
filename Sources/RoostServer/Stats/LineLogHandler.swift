// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The log: one line an entry on standard error, as text for people or as JSON for collectors.

import FoundationEssentials
import Glibc
import Logging
import RoostConfiguration
import RoostIRC
import RoostModel
import Synchronization

/// The least level that is written, which a reload may change under all loggers.
public final class LogThreshold: Sendable {
    private let value: Mutex<Logger.Level>

    /// That level, for now.
    public init(_ level: Logger.Level) { value = Mutex(level) }

    /// The level. May be used from any thread.
    var level: Logger.Level {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Writes log entries to standard error.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let format: Configuration.LogFormat
    private let label: String
    private let threshold: LogThreshold
    /// Where a logger has a level of its own.
    private var ownLevel: Logger.Level?

    init(label: String, format: Configuration.LogFormat, threshold: LogThreshold) {
        self.label = label
        self.format = format
        self.threshold = threshold
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let time = ServerTime.text(millisecondsSince1970: SystemClock.moment().wall.milliseconds)
        let line: String
        switch format {
        case .text:
            let particulars = fields.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
            line = "\(time) \(event.level.rawValue) [\(label)] \(event.message)\(particulars)\n"
        case .json:
            var object = ["time": time, "level": event.level.rawValue, "node": label, "message": "\(event.message)"]
            for (key, value) in fields { object[key] = "\(value)" }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // A dictionary of strings has nothing that JSON cannot hold.
            let bytes = (try? encoder.encode(object)) ?? Data()
            line = String(decoding: bytes, as: UTF8.self) + "\n"
        }
        // One write, so that lines of several threads do not mix. A log that cannot be written stops nobody.
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The value as it is where it is one word, else in quotes.
    private static func quoted(_ value: String) -> String {
        let isWord = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 != 0x7F }
        guard !isWord else { return value }
        let escaped = value.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: scalar.value < 0x20 ? " " : String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
