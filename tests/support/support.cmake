# millm_qt_test(NAME SOURCES file… [LIBS target…] [ENVIRONMENT VAR=value…] [ARGUMENTS arg…] [TIMEOUT seconds] [LABELS label…])
# A Qt Test executable NAME that links the services and the shared test helpers, and its ctest entry. No display is needed.
function(millm_qt_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBS;ENVIRONMENT;ARGUMENTS;LABELS")
    if(NOT TARGET ${name})
        add_executable(${name} ${arg_SOURCES})
        millm_qt_target(${name})
        target_link_libraries(${name} PRIVATE millm_core millm_test_support Qt6::Test ${arg_LIBS})
        target_compile_definitions(${name} PRIVATE MILLM_FIXTURES="${MILLM_FIXTURES}" MILLM_ENGINE_DIR="${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    millm_qt_test_run(${name} TARGET ${name} ENVIRONMENT ${arg_ENVIRONMENT} ARGUMENTS ${arg_ARGUMENTS} TIMEOUT ${arg_TIMEOUT}
                      LABELS ${arg_LABELS})
endfunction()

# millm_qt_test_run(NAME TARGET executable …): one more ctest entry of an executable, with another environment or other arguments.
function(millm_qt_test_run name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET;TIMEOUT" "ENVIRONMENT;ARGUMENTS;LABELS")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    add_test(NAME ${name} COMMAND ${arg_TARGET} ${arg_ARGUMENTS})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_NO_GLIB=1;${arg_ENVIRONMENT}")
endfunction()
