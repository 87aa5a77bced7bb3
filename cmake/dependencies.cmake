# What the library and its tests, benchmarks and examples are built with: found where it is installed, else fetched at a
# pinned version.
include(FetchContent)
include(${CMAKE_CURRENT_LIST_DIR}/xsimd.cmake)

set(L1LOSS_XSIMD_ROOT "" CACHE PATH "A copy of xsimd to build with, instead of the one that is installed: its headers are in include/")

function(l1loss_require_xsimd)
    if(L1LOSS_XSIMD_ROOT)
        if(NOT EXISTS ${L1LOSS_XSIMD_ROOT}/include/xsimd/xsimd.hpp)
            message(FATAL_ERROR "L1LOSS_XSIMD_ROOT is ${L1LOSS_XSIMD_ROOT}, expected a folder with include/xsimd/xsimd.hpp")
        endif()
        add_library(xsimd INTERFACE IMPORTED GLOBAL)
        target_include_directories(xsimd INTERFACE ${L1LOSS_XSIMD_ROOT}/include)
        return()
    endif()
    FetchContent_Declare(xsimd GIT_REPOSITORY https://github.com/xtensor-stack/xsimd.git GIT_TAG 14.3.0 FIND_PACKAGE_ARGS)
    FetchContent_MakeAvailable(xsimd)
    l1loss_complete_xsimd()
endfunction()

macro(l1loss_require_catch2)
    FetchContent_Declare(Catch2 GIT_REPOSITORY https://github.com/catchorg/Catch2.git GIT_TAG v3.8.1 FIND_PACKAGE_ARGS)
    FetchContent_MakeAvailable(Catch2)
endmacro()

macro(l1loss_require_benchmark)
    set(BENCHMARK_ENABLE_TESTING OFF)
    FetchContent_Declare(benchmark GIT_REPOSITORY https://github.com/google/benchmark.git GIT_TAG v1.9.4 FIND_PACKAGE_ARGS)
    FetchContent_MakeAvailable(benchmark)
endmacro()
