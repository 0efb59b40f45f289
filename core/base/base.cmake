target_sources(millm_core PRIVATE
    base/api_keys.cpp base/api_keys.h
    base/background.cpp base/background.h
    base/database_url.cpp base/database_url.h
    base/error.cpp base/error.h
    base/errors.cpp base/errors.h
    base/file_watch.cpp base/file_watch.h
    base/futures.h
    base/guarded_application.h
    base/histogram.h
    base/last_net.cpp base/last_net.h
    base/log_history.cpp base/log_history.h
    base/log_queue.cpp base/log_queue.h
    base/log_categories.cpp base/log_categories.h
    base/log_scope.cpp base/log_scope.h
    base/logging.cpp base/logging.h
    base/pasted_text.cpp base/pasted_text.h
    base/secret_filter.cpp base/secret_filter.h
    base/server_address.h
    base/settings.h
    base/settings_file.cpp base/settings_file.h
    base/worker_thread.cpp base/worker_thread.h
    base/writable_folder.cpp base/writable_folder.h
)
