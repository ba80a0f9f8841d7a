// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Keys of CURVE, libzmq's encryption: 32 bytes each, written as 40 characters of Z85 (RFC 32).

import CZeroMQ

/// The half of a key pair that everyone may know.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 32.
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Z85.keyByteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is 40 characters of Z85.
    public init?(z85: String) {
        guard let bytes = Z85.keyBytes(of: z85) else { return nil }
        self.bytes = bytes
    }

    /// 40 characters.
    public var z85: String { Z85.text(of: bytes) }

    /// As Z85.
    public var description: String { z85 }
}

/// The half to keep. It prints nothing of itself.
public struct CurveSecretKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 32.
    public let bytes: [UInt8]

    /// Any 32 bytes are a key, so one can be derived from another secret; nil unless there are 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Z85.keyByteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is 40 characters of Z85.
    public init?(z85: String) {
        guard let bytes = Z85.keyBytes(of: z85) else { return nil }
        self.bytes = bytes
    }

    /// 40 characters. Keep them out of logs.
    public var z85: String { Z85.text(of: bytes) }

    /// Does not show the key.
    public var description: String { "CurveSecretKey(hidden)" }

    /// Does not show the key to `dump` either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A secret key and the public key that belongs to it.
public struct CurveKeyPair: Hashable, Sendable {
    /// For everyone.
    public let publicKey: CurvePublicKey
    /// For its owner.
    public let secretKey: CurveSecretKey

    /// The pair of a secret key, such as one derived from a cluster's secret.
    /// - Throws: `unsupported` if libzmq was built without CURVE.
    public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
        var text = [CChar](repeating: 0, count: Z85.keyTextCount + 1)
        if zmq_curve_public(&text, secretKey.z85) != 0 { throw .last("derive CURVE key") }
        guard let publicKey = CurvePublicKey(z85: Z85.text(terminated: text)) else {
            preconditionFailure("libzmq made a key that is not Z85")
        }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// A new random pair.
    /// - Throws: `unsupported` if libzmq was built without CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: Z85.keyTextCount + 1)
        var secretText = publicText
        if zmq_curve_keypair(&publicText, &secretText) != 0 { throw .last("make CURVE keys") }
        guard let secretKey = CurveSecretKey(z85: Z85.text(terminated: secretText)) else {
            preconditionFailure("libzmq made a key that is not Z85")
        }
        return try CurveKeyPair(secretKey: secretKey)
    }
}

/// Z85 for keys only.
private enum Z85 {
    static let keyByteCount = 32
    static let keyTextCount = 40

    static func text(of key: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: keyTextCount + 1)
        precondition(zmq_z85_encode(&text, key, key.count) != nil, "a key has \(keyByteCount) bytes")
        return self.text(terminated: text)
    }

    static func text(terminated text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func keyBytes(of text: String) -> [UInt8]? {
        // libzmq looks characters up by their distance from the space, so it is given none below or beyond ASCII.
        guard text.utf8.count == keyTextCount, text.utf8.allSatisfy({ (33...126).contains($0) }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: keyByteCount)
        return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
    }
}
