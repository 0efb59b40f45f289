# What `cmake --install` and the package lay on a machine: the program, its engine, the sample model, and what the desktop wants.
if(MILLM_ENGINE_ONLY)
    return()
endif()
if(TARGET millm)
    install(TARGETS millm RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(engine millm_engine_cpu millm_engine_cuda)
    if(TARGET ${engine})
        install(TARGETS ${engine} LIBRARY DESTINATION ${MILLM_ENGINE_INSTALL_DIR} RUNTIME DESTINATION ${MILLM_ENGINE_INSTALL_DIR})
    endif()
endforeach()
# Installing and packing take what is built; `./dev` builds it before.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/resources/sample-model DESTINATION ${CMAKE_INSTALL_DATADIR}/millm OPTIONAL)

set(MILLM_RELEASE_DATE 2026-11-25)  # of the version in the top CMakeLists.txt
set(MILLM_APP_ID io.github.millm.miLLM)
set(MILLM_PACKAGING ${CMAKE_CURRENT_LIST_DIR})
if(MILLM_DESKTOP)
    install(FILES ${MILLM_PACKAGING}/${MILLM_APP_ID}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
    install(FILES ${MILLM_PACKAGING}/icons/millm.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
    foreach(size 48 128 256)
        install(FILES ${MILLM_PACKAGING}/icons/millm-${size}.png
            DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/${size}x${size}/apps RENAME millm.png)
    endforeach()
    configure_file(${MILLM_PACKAGING}/${MILLM_APP_ID}.metainfo.xml.in ${CMAKE_CURRENT_BINARY_DIR}/${MILLM_APP_ID}.metainfo.xml @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${MILLM_APP_ID}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
endif()
install(FILES ${MILLM_PACKAGING}/grafana-dashboard.json DESTINATION ${CMAKE_INSTALL_DATADIR}/millm)
install(FILES ${MILLM_PACKAGING}/millm.service DESTINATION lib/systemd/user)
configure_file(${MILLM_PACKAGING}/millm.1.in ${CMAKE_CURRENT_BINARY_DIR}/millm.1 @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/millm.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# Licences: ours, the crates in the tokenizer, the fonts in the program.
set(MILLM_FONT_COPYRIGHT "")
file(GLOB font_licenses ${PROJECT_SOURCE_DIR}/resources/fonts/*.txt ${PROJECT_SOURCE_DIR}/resources/fonts/*LICENSE*)
if(font_licenses)
    set(MILLM_FONT_COPYRIGHT "Files: fonts (inside the program)\nCopyright: see the files beside this one\nLicense: OFL-1.1\n See the files beside this one.\n\n")
endif()
configure_file(${MILLM_PACKAGING}/copyright.in ${CMAKE_CURRENT_BINARY_DIR}/copyright @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/copyright ${MILLM_PACKAGING}/crates.txt ${font_licenses} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/millm)

include(${MILLM_PACKAGING}/CPack.cmake)
