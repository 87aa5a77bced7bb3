# Fails if two objects of one program, compiled with different flags, both define a function of l1loss. The linker would keep one.
#
#   cmake -D NM=nm -D "OBJECTS=a.o;b.o" -P symbols.cmake
cmake_minimum_required(VERSION 3.25)
foreach(object IN LISTS OBJECTS)
    execute_process(COMMAND ${NM} -g --defined-only -P ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n ]*6l1loss[^\n ]* [TW]" symbols "${symbols}")
    list(LENGTH symbols number)
    if(number LESS 10)
        message(FATAL_ERROR "${object} has ${number} functions of l1loss, expected more")
    endif()
    foreach(symbol IN LISTS symbols)
        if(symbol IN_LIST seen)
            message(SEND_ERROR "shared: ${symbol}")
        endif()
    endforeach()
    list(APPEND seen ${symbols})
endforeach()
