// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One part of a message: bytes that libzmq counts references to, so that a part sent to many peers is stored once.

import CZeroMQ

/// One part (frame) of a message. It frees itself; sending it leaves it empty.
///
/// libzmq's `msg_t` holds no pointer into itself (its own `move` is a plain copy), so Swift may move this value. Its
/// reference count is atomic and reading changes nothing, so it may also cross threads.
public struct Message: ~Copyable, Sendable {
    /// Arrays from this size on are lent to libzmq; below, copying them is cheaper than the bookkeeping.
    static let sharedByteCountMin = 1024

    private var raw: zmq_msg_t

    /// An empty part.
    public init() {
        raw = zmq_msg_t()
        // Cannot fail.
        zmq_msg_init(&raw)
    }

    /// A part with these bytes. A large array is not copied but kept alive until libzmq has sent it to everyone.
    public init(_ bytes: [UInt8]) {
        guard bytes.count >= Self.sharedByteCountMin else {
            self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
            return
        }
        self.init()
        let loan = Loan(bytes)
        // The address outlives this closure because the loan owns the array's storage: nothing else can free it, and
        // whoever changes the caller's array gets a copy, since the storage is shared. libzmq only reads from it.
        let result = loan.bytes.withUnsafeBytes { buffer in
            zmq_msg_init_data(
                &raw, UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count,
                { _, hint in
                    // Runs once, on whichever thread lets go last.
                    if let hint { Unmanaged<Loan>.fromOpaque(hint).release() }
                },
                Unmanaged.passRetained(loan).toOpaque())
        }
        precondition(result == 0, "no memory for a message of \(bytes.count) bytes")
    }

    /// A part with a copy of these bytes.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A part with the UTF-8 of a text.
    public init(_ text: some StringProtocol) {
        self.init(Array(text.utf8))
    }

    /// A part of `count` bytes that `fill` writes; what it does not write is not defined.
    public init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        self.init()
        precondition(zmq_msg_init_size(&raw, count) == 0, "no memory for a message of \(count) bytes")
        fill(UnsafeMutableRawBufferPointer(start: zmq_msg_data(&raw), count: count))
    }

    deinit {
        // The copy that is closed has the same content, which is all that closing touches.
        var last = raw
        zmq_msg_close(&last)
    }

    /// Size in bytes.
    public var count: Int {
        withUnsafePointer(to: raw) { zmq_msg_size($0) }
    }

    /// Whether another part of the same message follows.
    public var hasMore: Bool {
        withUnsafePointer(to: raw) { zmq_msg_more($0) == 1 }
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// The bytes in place, for as long as `body` runs.
    public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Short parts lie inside the value itself, hence a pointer to it that lasts as long as `body`.
        try withUnsafePointer(to: raw) { pointer throws(Failure) in
            let data = zmq_msg_data(UnsafeMutablePointer(mutating: pointer))
            return try body(UnsafeRawBufferPointer(start: data, count: zmq_msg_size(pointer)))
        }
    }

    /// For `Socket`, which lets libzmq fill or empty it.
    mutating func withRaw<Result>(_ body: (UnsafeMutablePointer<zmq_msg_t>) -> Result) -> Result {
        body(&raw)
    }
}

/// Keeps an array alive while libzmq reads from its storage.
private final class Loan: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}
