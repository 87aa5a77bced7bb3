// The L1 loss, or mean absolute error, with the same bits at compile time and on every SIMD width.
//
// This header includes the whole library, except for constant.hpp, dispatch.hpp and parallel.hpp.
//
//     input, target ──load──▶ A ──term──▶ t[i] ──canonical sum──▶ line ──▶ scalar ──finish──▶ mean / sum
//                                    └────────────────────────▶ none (written as they pass)
//
// A is the accumulator type. The contract is in loss.hpp. detail/sum/definition.hpp defines the sum. To follow one element from the
// caller's argument to the result, read on in detail/call/loss.hpp, then in detail/sum: with_operands.hpp, terms.hpp,
// canonical_sum.hpp, on_registers.hpp, block.hpp, finish.hpp.
#pragma once

#include <l1loss/accumulator.hpp>
#include <l1loss/dequantized.hpp>
#include <l1loss/element.hpp>
#include <l1loss/error_bound.hpp>
#include <l1loss/exceeds.hpp>
#include <l1loss/gradient.hpp>
#include <l1loss/loss.hpp>
#include <l1loss/options.hpp>
#include <l1loss/reduction.hpp>
#include <l1loss/rows.hpp>
#include <l1loss/tensor.hpp>
#include <l1loss/version.hpp>
#include <l1loss/view.hpp>
