// Tests that the headers survive the macros of others, which are often defined behind xsimd and before l1loss.
#include <algorithm>
#include <array>
#include <bit>
#include <cfloat>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <xsimd/xsimd.hpp>

// windows.h
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define ERROR 0
#define BOOL int
#define TRUE 1
#define FALSE 0
#define VOID void
#define CONST const
#define DELETE 0x10000
// complex.h
#define I _Complex_I
#define complex _Complex
// X11
#define None 0
#define Bool int
#define Status int
#define Always 2
#define Success 0
// Qt
#define emit
#define slots
#define signals public
#define foreach for
#define forever for (;;)
// ctype.h of some systems, and others
#define _A 1
#define _C 2
#define _N 4
#define _S 8
#define PI 3.14
#define F(x) x
#define MIN(a, b) 0
#define MAX(a, b) 0
#define major 1
#define minor 2

#include <l1loss/constant.hpp>
#include <l1loss/dispatch.hpp>
#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

float mean(float const* x, float const* y, std::size_t n);
float mean(float const* x, float const* y, std::size_t n) { return l1loss::l1_loss(x, y, n, l1loss::skip_nan); }
