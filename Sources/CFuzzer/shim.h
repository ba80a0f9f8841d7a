// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Declares what libFuzzer offers to fuzz targets, which has no header of its own
// (https://llvm.org/docs/LibFuzzer.html#fuzzer-friendly-build-mode).

#pragma once

#include <stddef.h>
#include <stdint.h>

/// Changes the bytes somehow, to at most so many, and says how many there are.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t countMax);
