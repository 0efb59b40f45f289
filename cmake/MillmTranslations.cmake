# The window's translations: resources/translations/*.ts, which `ninja update_translations` brings up to date with the sources.
find_program(MILLM_LUPDATE lupdate HINTS ${QT6_INSTALL_PREFIX}/${QT6_INSTALL_BINS} ${QT6_INSTALL_PREFIX}/lib/qt6/bin REQUIRED)
find_program(MILLM_LRELEASE lrelease HINTS ${QT6_INSTALL_PREFIX}/${QT6_INSTALL_BINS} ${QT6_INSTALL_PREFIX}/lib/qt6/bin REQUIRED)
set(MILLM_TRANSLATIONS ${PROJECT_SOURCE_DIR}/resources/translations)

add_custom_target(update_translations
    COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/update_translations.py --lupdate ${MILLM_LUPDATE}
    VERBATIM)

# millm_translations(TARGET): each language as :/millm/translations/millm_LANGUAGE.qm.
function(millm_translations target)
    file(GLOB sources CONFIGURE_DEPENDS ${MILLM_TRANSLATIONS}/*.ts)
    set(compiled)
    foreach(source ${sources})
        get_filename_component(name ${source} NAME_WE)
        set(output ${CMAKE_CURRENT_BINARY_DIR}/translations/${name}.qm)
        add_custom_command(OUTPUT ${output} DEPENDS ${source}
            COMMAND ${MILLM_LRELEASE} -silent -removeidentical ${source} -qm ${output} VERBATIM)
        list(APPEND compiled ${output})
    endforeach()
    qt_add_resources(${target} translations BIG_RESOURCES PREFIX /millm BASE ${CMAKE_CURRENT_BINARY_DIR} FILES ${compiled})
endfunction()
