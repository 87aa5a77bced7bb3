# Fails if two objects of one program, compiled with different flags, both define a function, be it of l1loss or of the standard
# library. The linker would keep one. Data may be shared: its content does not depend on the flags.
#
#   cmake -D NM=nm -D "OBJECTS=a.o;b.o" -P symbols.cmake
cmake_minimum_required(VERSION 3.25)
list(LENGTH OBJECTS number)
if(number LESS 2)
    message(FATAL_ERROR "OBJECTS is ${OBJECTS}, expected two or more")
endif()
foreach(object IN LISTS OBJECTS)
    execute_process(COMMAND ${NM} -g --defined-only -P ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n ]+ [TW]" symbols "${symbols}") # T and W are functions, other letters data
    set(own ${symbols})
    list(FILTER own INCLUDE REGEX 6l1loss)
    list(LENGTH own number)
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
