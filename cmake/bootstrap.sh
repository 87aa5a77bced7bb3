#!/bin/sh
# Installs what is missing, then runs one of the CMake workflows:
#   sh cmake/bootstrap.sh demo    two examples, one on real data, and a short benchmark table
#   sh cmake/bootstrap.sh test    the tests
#   sh cmake/bootstrap.sh report  the comparison with every library that Debian packages, written to bench/results
#   sh cmake/bootstrap.sh tools   no workflow: installs what .ci/run needs beyond these
set -eu
cd "$(dirname "$0")/.."

what=${1:-}
case $what in demo | test | report | tools) ;; *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac

root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

if command -v apt-get >/dev/null; then
    packages="ninja-build libxsimd-dev"
    [ "$what" = demo ] && packages="$packages libbenchmark-dev libxtensor-dev"
    [ "$what" = test ] && packages="$packages catch2 libboost-dev libeigen3-dev libxtensor-dev libcli11-dev pkg-config libopencv-core-dev python3 qemu-user libtbb-dev"
    [ "$what" = report ] && packages="$packages libbenchmark-dev libeigen3-dev libxtensor-dev libtbb-dev libopencv-core-dev libopenblas-dev libfaiss-dev libtorch-dev python3-numpy python3-scipy python3-matplotlib clang-19 binutils"
    [ "$what" = tools ] && packages="valgrind pybind11-dev python3-dev libarmadillo-dev libbenchmark-dev clang-14 clang-19 libclang-rt-19-dev clang-format-19 clang-tidy libc++-19-dev libc++abi-19-dev python3-numpy g++-aarch64-linux-gnu libc6-dev-arm64-cross g++-riscv64-linux-gnu g++-s390x-linux-gnu g++-i686-linux-gnu qemu-user g++-mingw-w64-x86-64-posix wine64 libopenmpi-dev openmpi-bin doxygen python3-sphinx python3-breathe python3-myst-parser python3-sphinx-rtd-theme"
    missing=$(for p in $packages; do dpkg -s "$p" 2>/dev/null | grep -q '^Status: install ok installed' || echo "$p"; done)
    if [ -n "$missing" ]; then
        root apt-get update -qq
        # shellcheck disable=SC2086 # one word per package
        root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
elif command -v brew >/dev/null; then
    brew install cmake ninja xsimd catch2 boost google-benchmark eigen xtensor cli11 tbb
elif command -v dnf >/dev/null; then
    root dnf install -y ninja-build xsimd-devel catch-devel boost-devel google-benchmark-devel eigen3-devel xtensor-devel cli11-devel tbb-devel
else
    echo "bootstrap.sh: no apt-get, brew or dnf here; install ninja, xsimd, Catch2, Boost, Google Benchmark, Eigen, xtensor, CLI11, oneTBB" >&2
fi

case $what in
demo) cmake --workflow --preset demo ;;
test) cmake --workflow --preset test ;;
report) cmake --workflow --preset bench && cmake --build --preset bench --target report ;;
esac
