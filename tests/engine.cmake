# Tests that need no Qt. They read and write JSON with a library that is not the engine's own.
find_package(nlohmann_json 3.11 REQUIRED)
foreach(part input checkpoint text runtime)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/core/engine/${part}/CMakeLists.txt)
        add_subdirectory(core/engine/${part})
    endif()
endforeach()
add_subdirectory(interop)
