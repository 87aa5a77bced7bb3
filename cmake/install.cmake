# Headers, CMake package and pkg-config file. Nothing installed depends on an architecture.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/l1loss)
install(TARGETS l1loss EXPORT l1loss-targets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT l1loss-targets NAMESPACE l1loss:: DESTINATION ${package_dir})

configure_package_config_file(cmake/l1loss-config.cmake.in l1loss-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(l1loss-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/l1loss-config.cmake ${PROJECT_BINARY_DIR}/l1loss-config-version.cmake cmake/xsimd.cmake
        DESTINATION ${package_dir})

configure_file(cmake/l1loss.pc.in l1loss.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/l1loss.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
