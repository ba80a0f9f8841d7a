// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The one error of this module: what libzmq refused, on which endpoint, and why. Waiting is not an error: a
// non-blocking call that has nothing to do answers `false` or `nil`.

import CZeroMQ
import Glibc

/// What libzmq or the kernel refused: a closed `code` to act on, and a `description` for one line of a log.
public struct ZeroMQError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why, as far as a program can act on it.
    public enum Code: Equatable, Sendable {
        /// Another socket is bound to the address.
        case addressInUse
        /// The address is none of this machine's.
        case addressNotAvailable
        /// The process may not use the address, such as a port below 1,024.
        case accessDenied
        /// Text that is no endpoint, an option that is out of range, or one that this kind of socket does not have.
        case invalidArgument
        /// The name of a device or host does not resolve.
        case unknownDevice
        /// The scheme is none that libzmq knows, or none that this kind of socket can use.
        case unsupportedProtocol
        /// This build of libzmq lacks it.
        case unsupported
        /// A router has no peer of that identity, or the peer just left.
        case hostUnreachable
        /// `disconnect` or `unbind` of an endpoint that is not in use.
        case unknownEndpoint
        /// It would have to wait. Seen only where a call has no quieter way to say so.
        case again
        /// A signal arrived.
        case interrupted
        /// The context is shut down: close your sockets and leave.
        case terminated
        /// The socket is closed.
        case closed
        /// Not now, such as a reply that answers no request.
        case wrongState
        /// More bytes or more parts than the caller allows.
        case messageTooLong
        /// The process is at its limit of descriptors, or the context at its limit of sockets.
        case tooManyOpen
        /// No memory.
        case outOfMemory
        /// CURVE was asked for without a bound `ZAPHandler`; libzmq would then let everyone in.
        case authenticatorMissing
        /// Anything else; see `number`.
        case other
    }

    /// Why.
    public let code: Code
    /// What was attempted, in lower case: `bind`, `set ZMQ_SNDHWM`.
    public let operation: String
    /// On what; nil when the operation names no endpoint.
    public let endpoint: String?
    /// The reason in words, by libzmq.
    public let text: String
    /// The errno value behind it; 0 when the reason is this module's own.
    public let number: Int32

    /// `bind tcp://127.0.0.1:7601: Address already in use`
    public var description: String {
        guard let endpoint else { return "\(operation): \(text)" }
        return "\(operation) \(endpoint): \(text)"
    }
}

extension ZeroMQError {
    init(_ code: Code, _ operation: String, on endpoint: String? = nil, text: String) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
        self.text = text
        self.number = 0
    }

    init(number: Int32, _ operation: String, on endpoint: String? = nil) {
        self.code = Code(number: number)
        self.operation = operation
        self.endpoint = endpoint
        self.text = zmq_strerror(number).map { String(cString: $0) } ?? "error \(number)"
        self.number = number
    }

    /// The failure that the calling thread just had. To be read before anything else can fail.
    static func last(_ operation: String, on endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError(number: zmq_errno(), operation, on: endpoint)
    }
}

extension ZeroMQError.Code {
    init(number: Int32) {
        self =
            switch number {
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL: .addressNotAvailable
            case EACCES, EPERM: .accessDenied
            case EINVAL: .invalidArgument
            case ENODEV: .unknownDevice
            case EPROTONOSUPPORT, ENOCOMPATPROTO: .unsupportedProtocol
            case ENOTSUP: .unsupported
            case EHOSTUNREACH: .hostUnreachable
            case ENOENT: .unknownEndpoint
            case EAGAIN: .again
            case EINTR: .interrupted
            case ETERM: .terminated
            case ENOTSOCK: .closed
            case EFSM: .wrongState
            case EMSGSIZE: .messageTooLong
            case EMFILE, ENFILE: .tooManyOpen
            case ENOMEM: .outOfMemory
            default: .other
            }
    }
}
