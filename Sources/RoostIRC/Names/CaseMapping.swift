// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// CASEMAPPING=ascii: which names are the same. What names are legal is NameRules'.

/// A name as it is compared: `A` to `Z` lowered, everything else as it is.
///
/// Gives the argument itself where there is nothing to lower. See https://modern.ircdocs.horse/#casemapping-parameter
public func asciiFolded(_ name: String) -> String {
    let bytes = name.utf8.span
    guard bytes.contains(where: \.isUpper) else { return name }
    return String(replacing: bytes, with: { $0.lowered }) ?? name
}
