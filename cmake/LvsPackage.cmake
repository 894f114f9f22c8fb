# What is installed beside the programs, and the Debian package of it all: cpack -G DEB.
# The component `programs` is all that a container image takes.
include(GNUInstallDirs)

install(FILES deploy/systemd/lvs-agent.service deploy/systemd/lvs-operator.service
        DESTINATION lib/systemd/system)
install(FILES deploy/systemd/lvs-agent.default DESTINATION /etc/default RENAME lvs-agent)
install(FILES deploy/systemd/lvs-operator.default DESTINATION /etc/default RENAME lvs-operator)
install(DIRECTORY DESTINATION /etc/lvs-operator/manifests)
install(DIRECTORY DESTINATION /etc/lvs-agent DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lvs-operator)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lvs-operator RENAME copyright COMPONENT programs)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lvs-operator)
install(DIRECTORY e2e/scenarios/s1/manifests/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lvs-operator/examples)
install(PROGRAMS scripts/make-certs.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/lvs-operator)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lvs-operator)
set(CPACK_PACKAGE_CONTACT "lvs-operator maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "kernel load balancing (IPVS) from two resources")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "kmod")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "ipvsadm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles;${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
