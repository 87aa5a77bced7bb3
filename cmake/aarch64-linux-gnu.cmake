# Toolchain: 64-bit Arm with Debian's cross compiler (g++-aarch64-linux-gnu), its programs run by qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)

# xsimd, Catch2 and Boost are headers, and the host's will do: looked for after all of the compiler's own.
set(CMAKE_CXX_FLAGS_INIT "-idirafter /usr/include")
set(L1LOSS_XSIMD_ROOT /usr CACHE PATH "")
