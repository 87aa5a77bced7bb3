# Configures, builds and runs one consumer, and installs the library first where the consumer needs that.
#
#   cmake -D ROUTE=… -D L1LOSS_SOURCE=… -D L1LOSS_BINARY=… -D WORK=… -D CXX=… -D CXX_FLAGS=… -D GENERATOR=… -D xsimd_DIR=…
#         -D DISPATCH=… -P run.cmake
#   cmake -D ROUTE=deb -D LIBDIR=… and all of the above
#   cmake -D ROUTE=mpi -D MPICXX=… -D MPIEXEC=… -D DIGEST_ALONE=… and all of the above
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

function(build_and_run consumer) # ARGN: arguments of CMake
    must(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${consumer} -B ${WORK}/build_${consumer} ${ARGN})
    must(${CMAKE_COMMAND} --build ${WORK}/build_${consumer})
    must(${WORK}/build_${consumer}/consumer)
    if(NOT output STREQUAL "loss 1\n")
        message(FATAL_ERROR "the consumer printed: ${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)
if(ROUTE STREQUAL deb) # into a root of their own, in which nothing else is installed
    set(prefix ${WORK}/root/usr)
    must(${CMAKE_CPACK_COMMAND} -G DEB -B ${WORK}/packages --config ${L1LOSS_BINARY}/CPackConfig.cmake)
    file(MAKE_DIRECTORY ${WORK}/root/var/lib/dpkg/info ${WORK}/root/var/lib/dpkg/updates)
    file(TOUCH ${WORK}/root/var/lib/dpkg/status)
    file(GLOB packages ${WORK}/packages/*.deb)
    must(dpkg --root=${WORK}/root --force-not-root --force-depends --force-script-chrootless -i ${packages})
elseif(NOT ROUTE MATCHES "^(add_subdirectory|fetch_content|exported)$")
    must(${CMAKE_COMMAND} --install ${L1LOSS_BINARY} --prefix ${prefix})
endif()
set(installed -D CMAKE_PREFIX_PATH=${prefix} -D L1LOSS_VERSION=${version})

if(ROUTE STREQUAL find_package)
    file(STRINGS ${prefix}/share/cmake/l1loss/l1loss-targets.cmake flags REGEX "INTERFACE_COMPILE_OPTIONS|-m[a-z]|-O")
    if(flags)
        message(FATAL_ERROR "the installed target carries flags: ${flags}")
    endif()
    build_and_run(find_package ${args} ${installed} -D L1LOSS_WITH_DISPATCH=${DISPATCH})
elseif(ROUTE STREQUAL deb)
    build_and_run(find_package ${args} ${installed} -D L1LOSS_WITH_DISPATCH=ON -D L1LOSS_WITH_PKG_CONFIG=ON)
    build_and_run(dispatch -G ${GENERATOR} ${installed} -D BUILD_SHARED_LIBS=ON -D L1LOSS_LIBDIR=${LIBDIR})
elseif(ROUTE STREQUAL single)
    file(COPY ${prefix}/include/l1loss_single.hpp DESTINATION ${WORK}/vendored)
    build_and_run(single ${args} -D L1LOSS_SINGLE_DIR=${WORK}/vendored)
elseif(ROUTE STREQUAL dispatch)
    build_and_run(dispatch -G ${GENERATOR} ${installed} -D BUILD_SHARED_LIBS=${SHARED} -D L1LOSS_LIBDIR=${LIBDIR})
elseif(ROUTE STREQUAL mpi)
    must(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/../mpi -B ${WORK}/build ${args} ${installed} -D MPI_CXX_COMPILER=${MPICXX}
         -D MPIEXEC_EXECUTABLE=${MPIEXEC} -D DIGEST_ALONE=${DIGEST_ALONE})
    must(${CMAKE_COMMAND} --build ${WORK}/build)
    must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure --no-tests=error)
else()
    build_and_run(${ROUTE} ${args})
endif()
