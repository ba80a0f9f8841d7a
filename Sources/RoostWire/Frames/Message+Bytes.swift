// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From messages of the schema to bytes and back: the only calls of the Protocol Buffers library.

import SwiftProtobuf

extension Message {
    /// The bytes of this message.
    var bytes: [UInt8] {
        do {
            return try serializedBytes()
        } catch {
            // The schema has no required fields, so the library refuses nothing but 2 GiB and more.
            preconditionFailure("\(Self.protoMessageName) cannot be encoded: \(error)")
        }
    }

    /// The message that is a whole frame.
    init(frame bytes: RawSpan) throws(WireError) {
        try checkCount(bytes.byteCount, WireLimits.frameBytesMax, "frame")
        try self.init(bytes: bytes)
    }

    /// The message that those bytes hold.
    init(bytes: RawSpan) throws(WireError) {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        options.messageDepthLimit = 16
        do {
            try self.init(serializedBytes: bytes, options: options)
        } catch {
            throw WireError(.malformed, "\(Self.protoMessageName): \(error)")
        }
    }
}

/// The bytes in the container that a field of the generated code has, whose own library pure targets do not import.
func bytesField<Field: SwiftProtobufContiguousBytes>(_ bytes: [UInt8]) -> Field { Field(bytes) }
