// l1loss: the L1 loss (mean absolute error) in one specified summation order, the same bits at compile time and on every
// SIMD width. This header is all there is to include.
//
//     input, target ──load──▶ A ──term──▶ t[i] ──canonical sum──▶ line ──▶ scalar ──finish──▶ mean / sum
//                                    └────────────────────────▶ none (written as they pass)
//
// Read loss.hpp for the contract; then detail/args/arguments.hpp, detail/sum/terms.hpp, detail/sum/canonical_sum.hpp in this order
// follow one element from the caller's argument to the result.
#pragma once

#include <l1loss/accumulator.hpp>
#include <l1loss/error_bound.hpp>
#include <l1loss/gradient.hpp>
#include <l1loss/loss.hpp>
#include <l1loss/named.hpp>
#include <l1loss/reduction.hpp>
#include <l1loss/rows.hpp>
#include <l1loss/tensor.hpp>
