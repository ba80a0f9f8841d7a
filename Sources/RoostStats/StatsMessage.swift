// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How reports and events travel: a ZeroMQ message of two parts, topic and JSON. Sockets are the callers' business.

// Only JSON and byte buffers are needed, and the essentials load without the Unicode tables of the whole library.
import FoundationEssentials

/// One message on a stats socket.
public enum StatsMessage: Sendable, Equatable {
    /// A node's report.
    case stats(NodeStats)
    /// Something that happened.
    case event(StatsEvent)

    /// Starts the topic of every report; subscribe to it to hear all nodes of an address. The node's name follows.
    public static let statsTopicPrefix = "stats."
    /// Starts the topic of every event; subscribe to it to hear all kinds. The kind follows.
    public static let eventTopicPrefix = "event."

    /// The first part: `stats.<node>` or `event.<kind>`.
    public var topic: String {
        switch self {
        case .stats(let stats): Self.statsTopicPrefix + stats.node
        case .event(let event): Self.eventTopicPrefix + event.kind.rawValue
        }
    }

    /// The two parts as they are sent: topic, then JSON on one line with its keys sorted.
    ///
    /// - Throws: `EncodingError` when a number is not finite.
    public func parts() throws -> [[UInt8]] { [Array(topic.utf8), try json()] }

    /// The second part: JSON on one line, keys in `snake_case` and sorted, UTF-8.
    ///
    /// - Throws: `EncodingError` when a number is not finite.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        switch self {
        case .stats(let stats): return Array(try encoder.encode(stats))
        case .event(let event): return Array(try encoder.encode(event))
        }
    }

    /// Reads the parts of a message. Fields that this version does not know are ignored.
    ///
    /// - Throws: ``StatsMessageError`` for anything that is not a report or an event of schema 1.
    public init(parts: [[UInt8]]) throws(StatsMessageError) {
        guard parts.count == 2 else { throw .wrongPartCount(parts.count) }
        let topic = String(decoding: parts[0], as: UTF8.self)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            if topic.hasPrefix(Self.statsTopicPrefix) {
                self = .stats(try decoder.decode(NodeStats.self, from: Data(parts[1])))
            } else if topic.hasPrefix(Self.eventTopicPrefix) {
                self = .event(try decoder.decode(StatsEvent.self, from: Data(parts[1])))
            } else {
                throw StatsMessageError.unknownTopic(topic)
            }
        } catch let error as StatsMessageError {
            throw error
        } catch {
            throw .unreadable(topic: topic, reason: String(describing: error))
        }
        guard case .stats(let stats) = self, stats.schema != 1 else { return }
        throw .unknownSchema(stats.schema)
    }
}

/// Why a message from a stats socket could not be read.
public enum StatsMessageError: Error, Sendable, Equatable {
    /// There are two parts, always; this one had another number.
    case wrongPartCount(Int)
    /// Neither a report nor an event.
    case unknownTopic(String)
    /// The JSON is broken, or a field is missing or of another type.
    case unreadable(topic: String, reason: String)
    /// The report has a schema that this version does not read.
    case unknownSchema(Int)
}
