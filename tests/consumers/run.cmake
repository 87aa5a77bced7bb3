# Configures, builds and runs one consumer, and installs the library first where the consumer needs that.
#
#   cmake -D ROUTE=… -D L1LOSS_SOURCE=… -D L1LOSS_BINARY=… -D WORK=… -D CXX=… -D CXX_FLAGS=… -D GENERATOR=… -D xsimd_DIR=…
#         -D DISPATCH=… -P run.cmake
#   cmake -D ROUTE=mpi -D MPICXX=… -D MPIEXEC=… -D MANY_RANKS=… and all of the above
#   cmake -D ROUTE=dispatch -D SHARED=… -D LIBDIR=… -D L1LOSS_BINARY=… -D WORK=… -D CXX=… -D GENERATOR=… -P run.cmake
#
# CXX_FLAGS are those of the build, because a consumer must link the library of a sanitizer too.
set(args -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_CXX_FLAGS=${CXX_FLAGS} -D L1LOSS_SOURCE=${L1LOSS_SOURCE} -D xsimd_DIR=${xsimd_DIR})
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/version.cmake)
l1loss_read_version(version ${CMAKE_CURRENT_LIST_DIR}/../../include/l1loss/version.hpp)
function(must)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${ARGN}\n${out}")
    endif()
    set(output "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
if(ROUTE STREQUAL find_package)
    must(${CMAKE_COMMAND} --install ${L1LOSS_BINARY} --prefix ${WORK}/prefix)
    list(APPEND args -D CMAKE_PREFIX_PATH=${WORK}/prefix -D L1LOSS_VERSION=${version} -D L1LOSS_WITH_DISPATCH=${DISPATCH})
    file(STRINGS ${WORK}/prefix/share/cmake/l1loss/l1loss-targets.cmake flags REGEX "INTERFACE_COMPILE_OPTIONS|-m[a-z]|-O")
    if(flags)
        message(FATAL_ERROR "the installed target carries flags: ${flags}")
    endif()
endif()
if(ROUTE STREQUAL dispatch)
    must(${CMAKE_COMMAND} --install ${L1LOSS_BINARY} --prefix ${WORK}/prefix)
    set(args -G ${GENERATOR} -D CMAKE_PREFIX_PATH=${WORK}/prefix -D L1LOSS_VERSION=${version} -D BUILD_SHARED_LIBS=${SHARED} -D L1LOSS_LIBDIR=${LIBDIR})
endif()
if(ROUTE STREQUAL mpi)
    must(${CMAKE_COMMAND} --install ${L1LOSS_BINARY} --prefix ${WORK}/prefix)
    list(APPEND args -D CMAKE_PREFIX_PATH=${WORK}/prefix -D L1LOSS_VERSION=${version} -D MPI_CXX_COMPILER=${MPICXX}
         -D MPIEXEC_EXECUTABLE=${MPIEXEC} -D MANY_RANKS=${MANY_RANKS})
    must(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/../mpi -B ${WORK}/build ${args})
    must(${CMAKE_COMMAND} --build ${WORK}/build)
    must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure --no-tests=error)
    return()
endif()
must(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${ROUTE} -B ${WORK}/build ${args})
must(${CMAKE_COMMAND} --build ${WORK}/build)
must(${WORK}/build/consumer)
if(NOT output STREQUAL "loss 1\n")
    message(FATAL_ERROR "the consumer printed: ${output}")
endif()
