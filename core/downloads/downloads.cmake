target_sources(millm_core PRIVATE
    downloads/conversion.cpp downloads/conversion.h
    downloads/disk.cpp downloads/disk.h
    downloads/download_queue.cpp downloads/download_queue.h
    downloads/file_download.cpp downloads/file_download.h
    downloads/file_sink.cpp downloads/file_sink.h
    downloads/model_download.cpp downloads/model_download.h
    downloads/progress_meter.cpp downloads/progress_meter.h)
