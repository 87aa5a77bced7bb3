# Installs the headers, the CMake package, the pkg-config file and, if it is built, the compiled library.
#
# The headers and their package depend on no architecture.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/l1loss)
install(TARGETS l1loss l1loss_mpi EXPORT l1loss-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT l1loss-targets NAMESPACE l1loss:: DESTINATION ${package_dir})
export(EXPORT l1loss-targets NAMESPACE l1loss:: FILE ${PROJECT_BINARY_DIR}/l1loss-targets.cmake) # a parent may export its own tree

configure_package_config_file(cmake/l1loss-config.cmake.in l1loss-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(l1loss-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/l1loss-config.cmake ${PROJECT_BINARY_DIR}/l1loss-config-version.cmake cmake/xsimd.cmake
        DESTINATION ${package_dir})

configure_file(cmake/l1loss.pc.in l1loss.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/l1loss.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

# The compiled library depends on the architecture, so it has its own package. l1loss-config.cmake finds it as a component.
if(L1LOSS_BUILD_DISPATCH)
    set(dispatch_dir ${CMAKE_INSTALL_LIBDIR}/cmake/l1loss_dispatch)
    install(TARGETS l1loss_dispatch_static l1loss_dispatch_shared EXPORT l1loss_dispatch-targets
            FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(EXPORT l1loss_dispatch-targets NAMESPACE l1loss:: DESTINATION ${dispatch_dir})
    configure_package_config_file(cmake/l1loss_dispatch-config.cmake.in l1loss_dispatch-config.cmake INSTALL_DESTINATION ${dispatch_dir})
    write_basic_package_version_file(l1loss_dispatch-config-version.cmake COMPATIBILITY ExactVersion)
    install(FILES ${PROJECT_BINARY_DIR}/l1loss_dispatch-config.cmake ${PROJECT_BINARY_DIR}/l1loss_dispatch-config-version.cmake
            DESTINATION ${dispatch_dir})
    file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /) # so that the installed tree may be moved
    string(REGEX REPLACE "/$" "" pc_to_prefix ${pc_to_prefix})
    configure_file(cmake/l1loss_dispatch.pc.in l1loss_dispatch.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/l1loss_dispatch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
