# Tests of the Qt side.
foreach(part support core/base core/storage core/hub core/downloads core/models core/conversations core/inference core/system core/server ui qml app e2e clients architecture dev packaging)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${part}/CMakeLists.txt)
        add_subdirectory(${part})
    endif()
endforeach()
