// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nobody is shown to leave who has not: not when its node dies, pauses or is cut off, and it comes back within the hold,
// which counts from the moment on at which a node that is left heard its node last; where none is left that knows that it
// had come back before, from the time before that. Nor is there a hold where it came back from a node that stood still: when
// that goes on, it finds the connection broken, and nobody who took it over, and says that it has left. That nobody comes
// who was there, and nobody stands in a list twice, each client's view sees for itself.

import RoostIRC
import RoostModel

/// Judges lines as they are seen.
struct NobodyQuits {
    func check(_ line: IRCLine, seenBy person: Int, among people: [Person], at now: Instant) throws(Violation) {
        guard line.command == "QUIT", let source = line.source else { return }
        let names = source.split(separator: "!").last?.split(separator: "@").first.map(String.init)
        guard let quitter = people.first(where: { $0.userName == names }) else { return }
        guard !quitter.mayQuit, !quitter.hasFormerSelf, quitter.heldUntil.map({ now < $0 }) ?? true else { return }
        throw Violation(
            rule: .nobodyQuits, detail: "person \(person) sees person \(quitter.number) quit: \(line.parameters)")
    }
}
