# Finds what the library, tests, benchmarks and examples are built with, or fetches it at a pinned version.
include(FetchContent)
include(${CMAKE_CURRENT_LIST_DIR}/xsimd.cmake)

set(L1LOSS_XSIMD_ROOT "" CACHE PATH "A copy of xsimd to build with, instead of the one that is installed: its headers are in include/")

function(l1loss_require_xsimd)
    if(TARGET xsimd) # of the parent, also if L1LOSS_XSIMD_ROOT is set
        l1loss_complete_xsimd()
        return()
    endif()
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

# Sets OpenCV_LIBS and OpenCV_INCLUDE_DIRS for OpenCV's core, if it is installed.
# Debian ships OpenCV's CMake package only in libopencv-dev, which installs all of OpenCV. Without it, libopencv-core-dev is enough.
function(l1loss_find_opencv_core)
    find_package(OpenCV QUIET COMPONENTS core)
    if(NOT OpenCV_FOUND)
        find_path(OpenCV_INCLUDE_DIRS opencv2/core.hpp PATH_SUFFIXES opencv4)
        find_library(OpenCV_LIBS opencv_core)
    endif()
    if(NOT OpenCV_LIBS OR NOT OpenCV_INCLUDE_DIRS)
        set(OpenCV_LIBS)
    endif()
    set(OpenCV_LIBS ${OpenCV_LIBS} PARENT_SCOPE)
    set(OpenCV_INCLUDE_DIRS ${OpenCV_INCLUDE_DIRS} PARENT_SCOPE)
endfunction()
