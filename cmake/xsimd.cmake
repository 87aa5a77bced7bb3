# Completes the imported target xsimd, for the build and for the installed package.
#
# Some packages of xsimd 8 link a target `xtl` that they do not find, and the linker would look for a library of that name. xsimd
# needs nothing of xtl here, so an empty target stands in.
function(l1loss_complete_xsimd)
    get_target_property(libraries xsimd INTERFACE_LINK_LIBRARIES)
    if("xtl" IN_LIST libraries AND NOT TARGET xtl)
        find_package(xtl QUIET)
        if(NOT TARGET xtl)
            add_library(xtl INTERFACE IMPORTED)
        endif()
        set_target_properties(xtl PROPERTIES IMPORTED_GLOBAL TRUE) # xsimd may be the target of a parent
    endif()
endfunction()
