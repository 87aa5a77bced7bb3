# Shared by the build and by the installed package. Some packages of xsimd 8 link a target `xtl` that they do not look for,
# and that the linker would then take for a library of this name. xsimd needs nothing of it here: a stand-in will do.
function(l1loss_complete_xsimd)
    get_target_property(libraries xsimd INTERFACE_LINK_LIBRARIES)
    if("xtl" IN_LIST libraries AND NOT TARGET xtl)
        find_package(xtl QUIET)
        if(NOT TARGET xtl)
            add_library(xtl INTERFACE IMPORTED GLOBAL)
        endif()
    endif()
endfunction()
