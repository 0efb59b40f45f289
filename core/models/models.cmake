target_sources(millm_core PRIVATE
    models/catalog.cpp models/catalog.h
    models/downloads_flow.cpp models/downloads_flow.h
    models/idle_unload.cpp models/idle_unload.h
    models/lifecycle.cpp models/lifecycle.h
    models/local_models.cpp models/local_models.h
    models/ledger.cpp models/ledger.h
    models/memory_estimator.cpp models/memory_estimator.h
    models/model.cpp models/model.h
    models/model_files.cpp models/model_files.h
    models/model_names.cpp models/model_names.h
    models/model_repository.cpp models/model_repository.h
    models/model_search.cpp models/model_search.h
    models/model_service.cpp models/model_service.h
    models/preview.cpp models/preview.h
    models/startup.cpp models/startup.h
    models/state_table.cpp models/state_table.h
)
