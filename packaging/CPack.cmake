# The .deb for Debian 13: `./dev package`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME millm)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The miLLM authors <authors@millm.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "large language models from the Hugging Face Hub on your own machine")
set(CPACK_PACKAGE_DESCRIPTION "miLLM downloads checkpoints, quantizes them while they arrive, says how much memory they take,\n\
 and serves them to any OpenAI client, from a window or without one.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# What shlibdeps cannot see: QML modules and plugins are found by name at run time.
set(depends
    libopenblas0-pthread        # Debian's default BLAS is a hundred times slower
    libqt6sql6-sqlite)
if(MILLM_DESKTOP)
    list(APPEND depends
        qml6-module-qtcore qml6-module-qtquick qml6-module-qtquick-controls qml6-module-qtquick-layouts
        qml6-module-qtquick-templates qml6-module-qtquick-window qml6-module-qtquick-dialogs qml6-module-qtquick-shapes
        qml6-module-qtqml-workerscript qml6-module-qt-labs-folderlistmodel qml6-module-qt-labs-platform
        qt6-svg-plugins fonts-dejavu-core)
endif()
list(JOIN depends ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, libqt6sql6-psql, qt6-gtk-platformtheme, qt6-translations-l10n, fonts-noto-cjk, fonts-noto-color-emoji")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qt6-wayland, postgresql")

include(CPack)
