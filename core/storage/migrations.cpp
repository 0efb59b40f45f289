#include "core/storage/migrations.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/storage/sql.h"

#include <QDateTime>

#include <array>

namespace millm {

namespace {

// A new column: append a row here, one field to Model, its two lines to ModelRepository. Rows that were released never change.
constexpr std::array steps{
    Migration{1, "models",
              R"(CREATE TABLE models (
                     id INTEGER PRIMARY KEY AUTOINCREMENT,
                     name VARCHAR(255) NOT NULL,
                     source VARCHAR(20) NOT NULL CHECK (source IN ('huggingface', 'local')),
                     repo_id VARCHAR(255),
                     local_path VARCHAR(500),
                     params VARCHAR(50),
                     architecture VARCHAR(100),
                     quantization VARCHAR(10) NOT NULL CHECK (quantization IN ('Q4', 'Q8', 'FP16')),
                     disk_size_mb INTEGER,
                     estimated_memory_mb INTEGER,
                     cache_path VARCHAR(500) NOT NULL,
                     config_json TEXT,
                     status VARCHAR(20) NOT NULL DEFAULT 'ready',
                     error_message TEXT,
                     trust_remote_code BOOLEAN DEFAULT FALSE,
                     created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
                     updated_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
                     CONSTRAINT unique_local_path UNIQUE (local_path)
                 );
                 CREATE UNIQUE INDEX unique_repo_quant ON models (lower(repo_id), quantization);
                 CREATE UNIQUE INDEX unique_name ON models (name);
                 CREATE INDEX idx_models_status ON models (status);
                 CREATE INDEX idx_models_repo_id ON models (repo_id))",
              R"(CREATE TABLE models (
                     id BIGSERIAL PRIMARY KEY,
                     name VARCHAR(255) NOT NULL,
                     source VARCHAR(20) NOT NULL CHECK (source IN ('huggingface', 'local')),
                     repo_id VARCHAR(255),
                     local_path VARCHAR(500),
                     params VARCHAR(50),
                     architecture VARCHAR(100),
                     quantization VARCHAR(10) NOT NULL CHECK (quantization IN ('Q4', 'Q8', 'FP16')),
                     disk_size_mb INTEGER,
                     estimated_memory_mb INTEGER,
                     cache_path VARCHAR(500) NOT NULL,
                     config_json JSONB,
                     status VARCHAR(20) NOT NULL DEFAULT 'ready',
                     error_message TEXT,
                     trust_remote_code BOOLEAN DEFAULT FALSE,
                     created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
                     updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
                     CONSTRAINT unique_local_path UNIQUE (local_path)
                 );
                 CREATE UNIQUE INDEX unique_repo_quant ON models (lower(repo_id), quantization);
                 CREATE UNIQUE INDEX unique_name ON models (name);
                 CREATE INDEX idx_models_status ON models (status);
                 CREATE INDEX idx_models_repo_id ON models (repo_id))"},
    Migration{2, "conversations",
              R"(CREATE TABLE conversations (
                     id INTEGER PRIMARY KEY AUTOINCREMENT,
                     title VARCHAR(200) NOT NULL,
                     options_json TEXT NOT NULL,
                     shown_turn INTEGER NOT NULL DEFAULT 0,
                     updated_at VARCHAR(40) NOT NULL
                 );
                 CREATE TABLE turns (
                     conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
                     number INTEGER NOT NULL,
                     parent INTEGER NOT NULL,
                     from_person INTEGER NOT NULL,
                     text TEXT NOT NULL,
                     reasoning TEXT NOT NULL,
                     failure TEXT NOT NULL,
                     model TEXT NOT NULL,
                     figures_json TEXT NOT NULL,
                     at VARCHAR(40) NOT NULL,
                     PRIMARY KEY (conversation_id, number)
                 ))",
              R"(CREATE TABLE conversations (
                     id BIGSERIAL PRIMARY KEY,
                     title VARCHAR(200) NOT NULL,
                     options_json TEXT NOT NULL,
                     shown_turn INTEGER NOT NULL DEFAULT 0,
                     updated_at VARCHAR(40) NOT NULL
                 );
                 CREATE TABLE turns (
                     conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
                     number INTEGER NOT NULL,
                     parent INTEGER NOT NULL,
                     from_person INTEGER NOT NULL,
                     text TEXT NOT NULL,
                     reasoning TEXT NOT NULL,
                     failure TEXT NOT NULL,
                     model TEXT NOT NULL,
                     figures_json TEXT NOT NULL,
                     at VARCHAR(40) NOT NULL,
                     PRIMARY KEY (conversation_id, number)
                 ))"},
    Migration{3, "memory of models",
              R"(ALTER TABLE models ADD COLUMN context_length INTEGER;
                 ALTER TABLE models ADD COLUMN memory_json TEXT)",
              R"(ALTER TABLE models ADD COLUMN context_length BIGINT;
                 ALTER TABLE models ADD COLUMN memory_json TEXT)"},
    // SQLite drops a constraint only with its table.
    Migration{4, "devices of models, kept quantizations of folders",
              R"(CREATE TABLE models_4 (
                     id INTEGER PRIMARY KEY AUTOINCREMENT,
                     name VARCHAR(255) NOT NULL,
                     source VARCHAR(20) NOT NULL CHECK (source IN ('huggingface', 'local')),
                     repo_id VARCHAR(255),
                     local_path VARCHAR(500),
                     params VARCHAR(50),
                     architecture VARCHAR(100),
                     quantization VARCHAR(10) NOT NULL CHECK (quantization IN ('Q4', 'Q8', 'FP16')),
                     disk_size_mb INTEGER,
                     estimated_memory_mb INTEGER,
                     cache_path VARCHAR(500) NOT NULL,
                     config_json TEXT,
                     status VARCHAR(20) NOT NULL DEFAULT 'ready',
                     error_message TEXT,
                     trust_remote_code BOOLEAN DEFAULT FALSE,
                     created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
                     updated_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
                     context_length INTEGER,
                     memory_json TEXT,
                     device VARCHAR(40),
                     kept BOOLEAN NOT NULL DEFAULT FALSE
                 );
                 INSERT INTO sqlite_sequence (name, seq) SELECT 'models_4', seq FROM sqlite_sequence WHERE name = 'models';
                 INSERT INTO models_4 SELECT *, NULL, FALSE FROM models;
                 DROP TABLE models;
                 ALTER TABLE models_4 RENAME TO models;
                 CREATE UNIQUE INDEX unique_repo_quant ON models (lower(repo_id), quantization);
                 CREATE UNIQUE INDEX unique_name ON models (name);
                 CREATE INDEX idx_models_status ON models (status);
                 CREATE INDEX idx_models_repo_id ON models (repo_id);
                 CREATE UNIQUE INDEX unique_local_path ON models (local_path) WHERE NOT kept;
                 CREATE UNIQUE INDEX unique_kept_quant ON models (local_path, quantization) WHERE kept)",
              R"(ALTER TABLE models DROP CONSTRAINT unique_local_path;
                 ALTER TABLE models ADD COLUMN device VARCHAR(40);
                 ALTER TABLE models ADD COLUMN kept BOOLEAN NOT NULL DEFAULT FALSE;
                 CREATE UNIQUE INDEX unique_local_path ON models (local_path) WHERE NOT kept;
                 CREATE UNIQUE INDEX unique_kept_quant ON models (local_path, quantization) WHERE kept)"},
};

Result<void> apply(QSqlDatabase &connection, const Migration &step, Database::Dialect dialect) {
    return sql::transaction(connection, [&]() -> Result<void> {
        const QString text = QString::fromUtf8(dialect == Database::Dialect::Sqlite ? step.sqlite : step.postgresql);
        const auto statements = text.split(QLatin1Char(';'), Qt::SkipEmptyParts);
        for (const auto &statement : statements)
            if (auto done = sql::execute(connection, statement); !done) return done.error();
        if (auto done = sql::execute(
                connection, QStringLiteral("INSERT INTO migrations (version, title, applied_at) VALUES (?, ?, ?)"),
                {step.version, QString::fromUtf8(step.title), QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)});
            !done)
            return done.error();
        return {};
    });
}

Result<int> currentVersion(QSqlDatabase &connection) {
    auto created =
        sql::execute(connection, QStringLiteral("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, "
                                                "title VARCHAR(200) NOT NULL, applied_at VARCHAR(40) NOT NULL)"));
    if (!created) return created.error();
    auto query = sql::execute(connection, QStringLiteral("SELECT max(version) FROM migrations"));
    if (!query) return query.error();
    return query->next() ? query->value(0).toInt() : 0;
}

Result<void> applyMissing(QSqlDatabase &connection, Database::Dialect dialect) {
    const auto current = currentVersion(connection);
    if (!current) return current.error();
    if (*current > steps.back().version)
        return errors::internal(
            QStringLiteral("The database is newer than this program: its schema is version %1, known are versions up to %2. "
                           "Start the newer miLLM, or give another DATABASE_URL.")
                .arg(*current)
                .arg(steps.back().version));
    for (const auto &step : steps) {
        if (step.version <= *current) continue;
        qCInfo(storageLog, "Database: migration %d, %s", step.version, step.title);
        if (auto done = apply(connection, step, dialect); !done) return done;
    }
    return {};
}

}  // namespace

std::span<const Migration> migrations() {
    return steps;
}

Result<void> migrate(QSqlDatabase &connection, Database::Dialect dialect) {
    if (dialect == Database::Dialect::Sqlite) return applyMissing(connection, dialect);
    // Two programs that start on one new database take turns (the number is any that only miLLM uses).
    const QString key = QStringLiteral("SELECT %1(7240926)");
    if (auto locked = sql::execute(connection, key.arg(QStringLiteral("pg_advisory_lock"))); !locked) return locked.error();
    auto done = applyMissing(connection, dialect);
    (void)sql::execute(connection, key.arg(QStringLiteral("pg_advisory_unlock")));
    return done;
}

}  // namespace millm
