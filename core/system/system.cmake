target_sources(millm_core PRIVATE
    system/gpu_reader.cpp system/gpu_reader.h
    system/machine.cpp system/machine.h
    system/system_monitor.cpp system/system_monitor.h
)
