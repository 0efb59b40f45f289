# The Hub for tests: what the demo serves with, and faults, a log and a leak detector on top.
if(NOT TARGET millm_local_hub)
    add_subdirectory(${PROJECT_SOURCE_DIR}/app/demo ${CMAKE_BINARY_DIR}/app/demo)
endif()
add_library(millm_hub_emulator STATIC
    ${CMAKE_CURRENT_LIST_DIR}/hub_emulator.cpp ${CMAKE_CURRENT_LIST_DIR}/hub_emulator.h
    ${CMAKE_CURRENT_LIST_DIR}/hub_faults.cpp ${CMAKE_CURRENT_LIST_DIR}/hub_faults.h)
millm_qt_target(millm_hub_emulator)
target_link_libraries(millm_hub_emulator PUBLIC millm_local_hub)

# What the tests of downloads share: small models, settings, quick retries.
add_library(millm_hub_fixture STATIC ${CMAKE_CURRENT_LIST_DIR}/hub_fixture.cpp ${CMAKE_CURRENT_LIST_DIR}/hub_fixture.h)
millm_qt_target(millm_hub_fixture)
target_link_libraries(millm_hub_fixture PUBLIC millm_hub_emulator millm_core Qt6::Test)

add_executable(millm_hub_emulator_server ${CMAKE_CURRENT_LIST_DIR}/hub_emulator_server.cpp)
millm_qt_target(millm_hub_emulator_server)
target_link_libraries(millm_hub_emulator_server PRIVATE millm_hub_emulator)
