target_sources(millm_core PRIVATE
    storage/database.cpp storage/database.h
    storage/migrations.cpp storage/migrations.h
    storage/sql.cpp storage/sql.h
)
