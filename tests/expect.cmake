# Runs a program and checks its exit status and output.
#
#   cmake -D STATUS=status -D OUTPUT=regex -P expect.cmake -- program argument...
#
# With status 2, stdout must be empty and stderr must be one line that matches the regex. Otherwise stdout must match the regex and
# stderr must be empty.
set(command)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
    if(DEFINED command_starts)
        list(APPEND command "${CMAKE_ARGV${i}}")
    elseif(CMAKE_ARGV${i} STREQUAL "--")
        set(command_starts TRUE)
    endif()
endforeach()

execute_process(COMMAND ${command} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error)
set(good FALSE)
if(NOT status EQUAL STATUS)
elseif(STATUS EQUAL 2)
    if(output STREQUAL "" AND error MATCHES "^[^\n]+\n$" AND error MATCHES "${OUTPUT}")
        set(good TRUE)
    endif()
elseif(output MATCHES "${OUTPUT}" AND error STREQUAL "")
    set(good TRUE)
endif()
if(NOT good)
    message(FATAL_ERROR "exit status ${status}, expected ${STATUS} and \"${OUTPUT}\"\nstdout:\n${output}\nstderr:\n${error}")
endif()
