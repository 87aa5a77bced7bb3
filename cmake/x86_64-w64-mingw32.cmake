# Toolchain for 64-bit Windows: Debian's cross compiler g++-mingw-w64-x86-64-posix, and wine64 to run its programs.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_CROSSCOMPILING_EMULATOR sh ${CMAKE_CURRENT_LIST_DIR}/wine.sh ${CMAKE_BINARY_DIR}/wine)

# Programs and DLLs need no DLL of the compiler.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -static)

# xsimd, Catch2 and Boost are headers, so the host's copies serve. They are searched after the compiler's own headers.
set(CMAKE_CXX_FLAGS_INIT "-idirafter /usr/include")
set(L1LOSS_XSIMD_ROOT /usr CACHE PATH "")
list(APPEND CMAKE_PREFIX_PATH /usr)
