# The target `coverage` runs the tests of logic and of the compiled library, and prints how many lines of include/ and src/ they ran.
#
# docs/coverage.md says what no test runs, and why.
find_program(L1LOSS_GCOVR NAMES gcovr DOC "Reads what gcov counts")
if(NOT L1LOSS_GCOVR)
    message(FATAL_ERROR "gcovr was not found; on Debian it is the package gcovr")
endif()
set(filters)
foreach(folder IN ITEMS include src)
    list(APPEND filters --filter ${PROJECT_SOURCE_DIR}/${folder}/)
endforeach()
add_custom_target(coverage COMMENT "Coverage" USES_TERMINAL VERBATIM
    COMMAND l1loss_tests_${native_isa}_logic ~[error_bound_long]~[exact_sum_long]
    COMMAND l1loss_tests_dispatch_static
    COMMAND l1loss_c_interface_static
    COMMAND ${CMAKE_COMMAND} -E env L1LOSS_ISA=best $<TARGET_FILE:l1loss_c_interface_static>
    COMMAND ${L1LOSS_GCOVR} --root ${PROJECT_SOURCE_DIR} --object-directory ${PROJECT_BINARY_DIR} ${filters} --exclude-throw-branches
            --exclude-unreachable-branches --delete --print-summary --fail-under-line 98 ${PROJECT_BINARY_DIR})
