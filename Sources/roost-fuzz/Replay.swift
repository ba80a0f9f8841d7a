// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the program does in an ordinary build: it runs a target on the files that it is given, for a debugger, or makes
// the inputs that others than people write.

#if !FUZZING
import Foundation
import RoostFuzzing

@main
struct Replay {
    private static let usage = """
        usage: roost-fuzz --target=NAME FILE...    run a target on files
               roost-fuzz --seeds=CORPORA          write what nodes say of CORPORA/clients into the other corpora
        targets: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))
        """

    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        func value(of option: String) -> String? {
            arguments.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
        }
        do {
            if let target = value(of: "target").flatMap(FuzzTarget.init(rawValue:)) {
                for file in arguments where !file.hasPrefix("--") {
                    try target.run(on: bytes(of: URL(filePath: file)))
                    print("\(file): all rules hold")
                }
            } else if let folder = value(of: "seeds") {
                try writeSeeds(in: URL(filePath: folder))
            } else {
                fail(usage, code: 64)
            }
        } catch {
            fail("\(error)", code: 1)
        }
    }

    private static func writeSeeds(in corpora: URL) throws {
        let clients = corpora.appending(path: FuzzTarget.clients.rawValue)
        let sessions = try FileManager.default.contentsOfDirectory(at: clients, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
        for (target, inputs) in Seeds(of: try sessions.map(bytes)).inputs {
            let folder = corpora.appending(path: target.rawValue)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (index, input) in inputs.enumerated() {
                try Data(input).write(to: folder.appending(path: "seed-\(index)"))
            }
            print("\(target.rawValue): \(inputs.count) inputs")
        }
    }

    private static func bytes(of file: URL) throws -> [UInt8] { Array(try Data(contentsOf: file)) }

    private static func fail(_ text: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("roost-fuzz: \(text)\n".utf8))
        exit(code)
    }
}
#endif
