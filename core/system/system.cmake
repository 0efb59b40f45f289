target_sources(millm_core PRIVATE
    system/gpu_reader.cpp system/gpu_reader.h
    system/machine.cpp system/machine.h
    system/system_monitor.cpp system/system_monitor.h
)
# GCC 14 ends with an internal error where another source stands before this one.
set_source_files_properties(system/gpu_reader.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
