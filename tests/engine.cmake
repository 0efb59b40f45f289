# Tests that need no Qt.
foreach(part checkpoint text runtime)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/core/engine/${part}/CMakeLists.txt)
        add_subdirectory(core/engine/${part})
    endif()
endforeach()
