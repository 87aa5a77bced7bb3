# What the library and its tests, benchmarks and examples are built with: found where it is installed, else fetched at a
# pinned version.
include(FetchContent)
include(${CMAKE_CURRENT_LIST_DIR}/xsimd.cmake)

function(l1loss_require_xsimd)
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
