# Toolchain for 64-bit Arm: Debian's cross compiler g++-aarch64-linux-gnu, and qemu-user to run its programs.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)

# xsimd, Catch2 and Boost are headers, so the host's copies serve. They are searched after the compiler's own headers.
set(CMAKE_CXX_FLAGS_INIT "-idirafter /usr/include")
set(L1LOSS_XSIMD_ROOT /usr CACHE PATH "")
