# What every target of the project is built with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

include(GNUInstallDirs)
# Beside nothing else: the plugins are for this program alone.
set(MILLM_ENGINE_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/millm)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(MILLM_SANITIZE "" CACHE STRING "Sanitizers of every target: address,undefined or thread")
option(MILLM_PCH "Precompile Qt's headers, once for all targets (GCC)" OFF)
option(MILLM_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
option(MILLM_COVERAGE "Count which lines the tests reach (gcov)" OFF)
option(MILLM_QUICK "Build in less time: optimize little but what computes, compile sources of a kind together" OFF)
if(MILLM_QUICK)
    # Eight sources of a target as one: most of a source's time is its headers.
    set(CMAKE_UNITY_BUILD ON)
    set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
    foreach(type RELEASE RELWITHDEBINFO)
        string(REGEX REPLACE "-O[23]" "-Og" CMAKE_CXX_FLAGS_${type} "${CMAKE_CXX_FLAGS_${type}}")
    endforeach()
endif()

find_program(MILLM_CCACHE ccache)
if(MILLM_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MILLM_CCACHE})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${MILLM_CCACHE})
endif()
if(MILLM_PCH AND NOT CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(MILLM_PCH OFF)
endif()
if(MILLM_PCH)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Werror=invalid-pch>)
endif()
if(MILLM_PCH AND MILLM_CCACHE)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)  # without it ccache does not know a precompiled header
endif()
find_program(MILLM_MOLD mold)
if(MILLM_MOLD)
    add_link_options($<$<LINK_LANGUAGE:CXX>:-fuse-ld=mold>)
endif()

if(MILLM_SANITIZE)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MILLM_SANITIZE}> $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
    add_link_options(-fsanitize=${MILLM_SANITIZE})
    if(MILLM_SANITIZE MATCHES undefined)
        # Type information is hidden on either side of a plugin's door, so its addresses differ.
        add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>)
    endif()
    # Debug information of the frames alone: half the size, and enough for a report's stack.
    string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
endif()
if(MILLM_FUZZ)
    # Edges for libFuzzer to follow, and lines for people to read.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link> -fno-sanitize-recover=undefined,float-cast-overflow
                        $<$<COMPILE_LANGUAGE:CXX>:-fprofile-instr-generate> $<$<COMPILE_LANGUAGE:CXX>:-fcoverage-mapping>)
    add_link_options(-fprofile-instr-generate)
endif()
if(MILLM_COVERAGE)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--coverage> $<$<COMPILE_LANGUAGE:CXX>:-fprofile-update=atomic>)
    add_link_options(--coverage)
    string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
endif()

# Warnings of our own sources: every target of the project calls this.
function(millm_target target)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wno-missing-field-initializers>)
    # GCC says it of unnamed namespaces in every file but the compiled one, as if it were a header: in unity builds they all are that.
    if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
    endif()
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
    set_target_properties(${target} PROPERTIES AUTOMOC OFF)  # on by Qt's setup for all that comes after
endfunction()

# Sources that compute for long: optimized in quick builds too. Without traps and errno to think of, compilers make vector loops
# of float comparisons. The precompiled headers are for other options.
function(millm_computing_sources)
    set(options -fno-trapping-math -fno-math-errno)
    if(MILLM_QUICK)
        list(APPEND options -O3)
    endif()
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "${options}" SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# Qt targets: Qt's `slots` and `emit` collide with torch's names.
function(millm_qt_target target)
    millm_target(${target})
    target_compile_definitions(${target} PRIVATE QT_NO_KEYWORDS QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
    set_target_properties(${target} PROPERTIES AUTOMOC ON)
    millm_headers(${target} qt)
endfunction()

# millm_headers(TARGET engine|engine_test|qt): what nearly every source of that kind includes, compiled once for all targets: a Qt
# source takes half the time. GCC accepts it where a target defines more macros than it did, if the headers do not ask for them
# (QTest's do); programs are compiled like libraries (-fPIC) to be alike. Where it is not accepted, that is an error.
function(millm_headers target kind)
    if(NOT MILLM_PCH)
        return()
    endif()
    set(engine
        <algorithm> <array> <charconv> <cmath> <cstdint> <cstring> <filesystem> <functional> <memory> <optional> <span> <string>
        <string_view> <unordered_map> <vector>)
    set(qt
        <QByteArray> <QCoreApplication> <QDateTime> <QDir> <QFile> <QFileInfo> <QFuture> <QHash> <QJsonArray> <QJsonDocument>
        <QJsonObject> <QList> <QLoggingCategory> <QObject> <QPointer> <QPromise> <QRegularExpression> <QSet> <QString>
        <QTemporaryDir> <QTimer> <QUrl>
        <algorithm> <functional> <memory> <optional> <vector>)
    set(engine_test ${engine} <doctest/doctest.h> <nlohmann/json.hpp>)
    set(libraries_qt Qt6::Core)
    set(libraries_engine_test doctest::doctest nlohmann_json::nlohmann_json)
    set(headers millm_${kind}_headers)
    if(NOT TARGET ${headers})
        set(empty ${CMAKE_BINARY_DIR}/${headers}.cpp)
        file(GENERATE OUTPUT ${empty} CONTENT "// Only the headers.\n")
        add_library(${headers} OBJECT ${empty})
        millm_target(${headers})  # -Wpedantic is among what must be alike
        if(kind MATCHES qt)
            target_compile_definitions(${headers} PRIVATE QT_NO_KEYWORDS QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
        endif()
        target_link_libraries(${headers} PRIVATE ${libraries_${kind}})
        target_compile_options(${headers} PRIVATE -fPIC)
        target_precompile_headers(${headers} PRIVATE ${${kind}})
    endif()
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fPIC>)
    target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()
