# Fails where the linker could take one symbol for another.
#
# These are errors: a function of a kernel object outside the namespace of that object, a symbol that two kernel objects share, and
# exports of the shared library that differ from the functions of l1loss.h.
#
#   cmake -D NM=nm -D HEADER=l1loss.h -D BUILD=… -P symbols.cmake
#
# With OBJDUMP and DLL, the shared library is that DLL.
#
# With SOURCE, CXX, GENERATOR, xsimd_DIR and HOSTILE, it builds BUILD first. That build is unoptimised and has the flags HOSTILE,
# which the library must take back.
function(must)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE error)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${ARGN}\n${out}${error}")
    endif()
    set(output "${out}" PARENT_SCOPE)
endfunction()
function(read_symbols file) # sets lines: address, kind and name of each defined symbol that nm lists with ARGN
    must(${NM} ${ARGN} --defined-only ${file})
    string(REGEX MATCHALL "[^\n]+" lines "${output}")
    set(lines ${lines} PARENT_SCOPE)
endfunction()

if(SOURCE)
    must(${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${CXX} -D xsimd_DIR=${xsimd_DIR}
         -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O0 "-DCMAKE_CXX_FLAGS=${HOSTILE}" -D L1LOSS_BUILD_DISPATCH=ON
         -D L1LOSS_DISPATCH_ISAS=fma3+avx2 -D L1LOSS_BUILD_TESTS=OFF -D L1LOSS_BUILD_BENCH=OFF -D L1LOSS_BUILD_EXAMPLES=OFF)
    must(${CMAKE_COMMAND} --build ${BUILD})
endif()

set(object_files ${BUILD}/src/CMakeFiles/l1loss_kernels_*.dir/kernels.cpp)
file(GLOB objects ${object_files}.o ${object_files}.obj)
list(LENGTH objects number)
set(tables 0)
foreach(object IN LISTS objects)
    read_symbols(${object} -g)
    foreach(line IN LISTS lines)
        string(REGEX MATCH "([A-Za-z]) ([^ ]+)$" symbol "${line}")
        set(kind ${CMAKE_MATCH_1})
        set(name ${CMAKE_MATCH_2})
        if(kind MATCHES "[TtWwi]" AND NOT name MATCHES "compiled_")
            message(FATAL_ERROR "${object} has a function that others may have: ${line}")
        elseif(DEFINED where_${name})
            message(FATAL_ERROR "${name} is in ${where_${name}} and in ${object}")
        elseif(name MATCHES "tables")
            math(EXPR tables "${tables} + 1")
        endif()
        set(where_${name} ${object})
    endforeach()
endforeach()
if(number EQUAL 0 OR NOT tables EQUAL number)
    message(FATAL_ERROR "${number} objects have ${tables} tables of kernels")
endif()

file(READ ${HEADER} header)
string(REGEX MATCHALL "l1loss_[a-z0-9_]+\\(" declared "${header}")
list(TRANSFORM declared REPLACE "\\($" "")
list(SORT declared)
if(DLL)
    must(${OBJDUMP} -p ${DLL})
    string(REGEX REPLACE ".*Name Pointer. Table\n" "" output "${output}")
    string(REGEX REPLACE "\n\n.*" "" output "${output}")
    string(REGEX REPLACE "[^\n]*\\] " "" output "${output}")
    string(REGEX MATCHALL "[^\n]+" exported "${output}")
else()
    read_symbols(${BUILD}/src/libl1loss_dispatch.so -D)
    list(TRANSFORM lines REPLACE "^[^ ]* [A-Za-z] ([^@]*).*" "\\1" OUTPUT_VARIABLE exported)
    list(FILTER exported EXCLUDE REGEX "^L1LOSS_[0-9.]+$") # the symbol of the version
endif()
list(SORT exported)
if(NOT exported STREQUAL declared)
    message(FATAL_ERROR "the header declares\n  ${declared}\nand the library exports\n  ${exported}")
endif()
list(LENGTH exported functions)
message(STATUS "${number} objects of kernels with no function to share; ${functions} functions exported")
