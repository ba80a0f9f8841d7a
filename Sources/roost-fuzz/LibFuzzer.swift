// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What libFuzzer calls, in a build for fuzzing: its main function runs these with ever new inputs.

#if FUZZING
import CFuzzer
import RoostFuzzing

/// libFuzzer ignores options with two dashes, so the target's name can be one.
private let target: FuzzTarget = {
    let name = CommandLine.arguments.first { $0.hasPrefix("--target=") }?.dropFirst("--target=".count)
    guard let name, let target = FuzzTarget(rawValue: String(name)) else {
        fatalError("say --target=NAME, one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return target
}()

/// See https://llvm.org/docs/LibFuzzer.html#fuzz-target
@c(LLVMFuzzerTestOneInput)
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    do {
        try target.run(on: input)
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// See https://github.com/google/fuzzing/blob/master/docs/structure-aware-fuzzing.md
@c(LLVMFuzzerCustomMutator)
func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: CUnsignedInt) -> Int {
    guard target.takesRecords else { return LLVMFuzzerMutate(bytes, count, countMax) }
    var mutation = RecordMutation(seed: UInt64(seed)) { input in
        var room = input + Array(repeating: 0, count: 64)
        let changed = room.withUnsafeMutableBufferPointer { LLVMFuzzerMutate($0.baseAddress, input.count, $0.count) }
        return Array(room.prefix(changed))
    }
    let changed = mutation.changed(Array(UnsafeBufferPointer(start: bytes, count: count))).prefix(countMax)
    for (offset, byte) in changed.enumerated() { bytes[offset] = byte }
    return changed.count
}
#endif
