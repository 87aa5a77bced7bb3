# Installs the headers, the CMake package, the pkg-config file and, if it is built, the compiled library.
#
# The headers and their package depend on no architecture.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/l1loss)
install(TARGETS l1loss l1loss_mpi EXPORT l1loss-targets
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT headers
        FILE_SET detail DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT headers)
install(EXPORT l1loss-targets NAMESPACE l1loss:: DESTINATION ${package_dir} COMPONENT headers)
export(EXPORT l1loss-targets NAMESPACE l1loss:: FILE ${PROJECT_BINARY_DIR}/l1loss-targets.cmake) # a parent may export its own tree

configure_package_config_file(cmake/l1loss-config.cmake.in l1loss-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(l1loss-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/l1loss-config.cmake ${PROJECT_BINARY_DIR}/l1loss-config-version.cmake cmake/xsimd.cmake
        DESTINATION ${package_dir} COMPONENT headers)

install(CODE "execute_process(COMMAND \${CMAKE_COMMAND} -D INCLUDE=${PROJECT_SOURCE_DIR}/include
    -D OUTPUT=\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/l1loss_single.hpp
    -P ${PROJECT_SOURCE_DIR}/cmake/single_header.cmake COMMAND_ERROR_IS_FATAL ANY)" COMPONENT headers)
configure_file(cmake/l1loss.pc.in l1loss.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/l1loss.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig COMPONENT headers)

# The compiled library depends on the architecture, so it has its own package. l1loss-config.cmake finds it as a component.
if(L1LOSS_BUILD_DISPATCH)
    set(dispatch_dir ${CMAKE_INSTALL_LIBDIR}/cmake/l1loss_dispatch)
    install(TARGETS l1loss_dispatch_static l1loss_dispatch_shared EXPORT l1loss_dispatch-targets
            RUNTIME COMPONENT runtime
            LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
            ARCHIVE COMPONENT development
            FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
    install(EXPORT l1loss_dispatch-targets NAMESPACE l1loss:: DESTINATION ${dispatch_dir} COMPONENT development)
    configure_package_config_file(cmake/l1loss_dispatch-config.cmake.in l1loss_dispatch-config.cmake INSTALL_DESTINATION ${dispatch_dir})
    write_basic_package_version_file(l1loss_dispatch-config-version.cmake COMPATIBILITY ExactVersion)
    install(FILES ${PROJECT_BINARY_DIR}/l1loss_dispatch-config.cmake ${PROJECT_BINARY_DIR}/l1loss_dispatch-config-version.cmake
            DESTINATION ${dispatch_dir} COMPONENT development)
    file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /) # so that the installed tree may be moved
    string(REGEX REPLACE "/$" "" pc_to_prefix ${pc_to_prefix})
    configure_file(cmake/l1loss_dispatch.pc.in l1loss_dispatch.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/l1loss_dispatch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endif()

# `cpack -G DEB` makes a package of the headers, and with the compiled library one to run it and one to build with it.
set(CPACK_PACKAGE_CONTACT "The authors of l1loss")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_HEADERS_PACKAGE_NAME libl1loss-dev)
set(CPACK_DEBIAN_HEADERS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_HEADERS_PACKAGE_DEPENDS "libxsimd-dev (>= 8.1)")
set(CPACK_DEBIAN_HEADERS_PACKAGE_SUGGESTS libl1loss-dispatch-dev)
set(runtime libl1loss-dispatch${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}) # as its SONAME
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON) # what packages that link the library depend on
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libl1loss-dispatch-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime} (= ${PROJECT_VERSION}), libl1loss-dev (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
if(PROJECT_IS_TOP_LEVEL)
    include(CPack)
endif()
