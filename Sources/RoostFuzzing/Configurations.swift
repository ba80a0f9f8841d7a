// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A configuration from text: it is right, and the same when printed and read again, or it says what is wrong and where.

import RoostConfiguration

func checkConfiguration(_ bytes: [UInt8]) throws(BrokenRule) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    // Such keys have a file read whose name the text gives, and that may be a terminal.
    guard !text.contains("-file") else { return }
    switch load(text) {
    case .success(let configuration):
        let printed = configuration.yaml
        let again = load(printed)
        try check(
            again == .success(configuration), "what is printed reads as the same configuration: \(printed): \(again)")
    case .failure(let errors):
        try check(!errors.problems.isEmpty, "a refusal gives a reason")
        for problem in errors.problems { try check(!problem.message.isEmpty, "a problem is told in words") }
    }
}

private func load(_ text: String) -> Result<Configuration, ConfigurationErrors> {
    Result { () throws(ConfigurationErrors) in try Configuration.load(yaml: text, named: "input") }
}
