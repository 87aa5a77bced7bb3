/* The version of the library, for C and for C++ of any standard. The build reads it from here. */
#ifndef L1LOSS_VERSION_HPP
#define L1LOSS_VERSION_HPP

#define L1LOSS_VERSION_MAJOR 0
#define L1LOSS_VERSION_MINOR 1
#define L1LOSS_VERSION_PATCH 0

/* 10000 * major + 100 * minor + patch, also as l1loss::version. */
#define L1LOSS_VERSION (10000 * L1LOSS_VERSION_MAJOR + 100 * L1LOSS_VERSION_MINOR + L1LOSS_VERSION_PATCH)

#ifdef __cplusplus
namespace l1loss {
constexpr int version = L1LOSS_VERSION;
}
#endif

#endif
