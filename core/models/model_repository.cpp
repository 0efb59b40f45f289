#include "core/models/model_repository.h"

#include "core/base/errors.h"
#include "core/models/model_names.h"
#include "core/storage/database.h"
#include "core/storage/sql.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTimeZone>

#include <algorithm>

namespace millm {

namespace {

const QString columns = QStringLiteral(
    "name, source, repo_id, local_path, params, architecture, quantization, disk_size_mb, estimated_memory_mb, cache_path, "
    "config_json, status, error_message, trust_remote_code, context_length, memory_json, device, "
    "kept");

/// SQL's NULL where the model has nothing.
QVariant orNull(const QString &text) {
    return text.isEmpty() ? QVariant(QMetaType(QMetaType::QString)) : QVariant(text);
}

// The parts of the estimate, in a column of their own kind.
struct MemoryColumn {
    QLatin1StringView key;
    qint64 MemoryUse::*bytes;
};
constexpr MemoryColumn memoryColumns[] = {{QLatin1StringView("weights"), &MemoryUse::weightBytes},
                                          {QLatin1StringView("kv_cache"), &MemoryUse::kvCacheBytes},
                                          {QLatin1StringView("workspace"), &MemoryUse::workspaceBytes},
                                          {QLatin1StringView("device"), &MemoryUse::deviceBytes},
                                          {QLatin1StringView("context_length"), &MemoryUse::contextLength}};

QString memoryText(const MemoryUse &memory) {
    if (memory == MemoryUse()) return {};
    QJsonObject object;
    for (const MemoryColumn &part : memoryColumns) object.insert(part.key, memory.*part.bytes);
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

MemoryUse memoryFrom(const QString &text) {
    const QJsonObject object = QJsonDocument::fromJson(text.toUtf8()).object();
    MemoryUse memory;
    for (const MemoryColumn &part : memoryColumns) memory.*part.bytes = std::max<qint64>(0, object.value(part.key).toInteger());
    return memory;
}

QVariantList valuesOf(const Model &model) {
    const bool local = model.source == ModelSource::Local;
    return {model.name,
            local ? QStringLiteral("local") : QStringLiteral("huggingface"),
            orNull(model.repoId),
            orNull(model.localPath),
            orNull(model.params.left(50)),
            orNull(model.architecture.left(100)),
            names::schemeId(model.quantization),
            model.diskSizeMb,
            model.estimatedMemoryMb,
            model.cachePath,
            orNull(model.configJson),
            QString(apiStatus(model.state)),
            orNull(model.errorMessage),
            model.trustRemoteCode,
            model.contextLength > 0 ? QVariant(model.contextLength) : QVariant(QMetaType(QMetaType::LongLong)),
            orNull(memoryText(model.estimate)),
            orNull(model.wishedDevice),
            model.kept};
}

/// A time as either server gives it back: text in UTC, or a date and time of the connection's zone, which is UTC.
QDateTime timeOf(const QVariant &value) {
    QDateTime time = value.metaType().id() == QMetaType::QDateTime ? value.toDateTime()
                                                                   : QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
    if (time.timeSpec() == Qt::LocalTime) time.setTimeZone(QTimeZone::UTC);
    return time.toUTC();
}

Model modelOf(const QSqlQuery &row) {
    Model model;
    model.id = row.value(0).toLongLong();
    model.name = row.value(1).toString();
    model.source = row.value(2).toString() == QStringLiteral("local") ? ModelSource::Local : ModelSource::HuggingFace;
    model.repoId = row.value(3).toString();
    model.localPath = row.value(4).toString();
    model.params = row.value(5).toString();
    model.architecture = row.value(6).toString();
    model.quantization = engine::scheme_from_id(row.value(7).toString().toStdString()).value_or(engine::Scheme::NF4);
    model.diskSizeMb = row.value(8).toLongLong();
    model.estimatedMemoryMb = row.value(9).toLongLong();
    model.cachePath = row.value(10).toString();
    model.configJson = row.value(11).toString();
    model.state = stateFromStatus(row.value(12).toString(), true);
    model.errorMessage = row.value(13).toString();
    model.trustRemoteCode = row.value(14).toBool();
    model.contextLength = std::max<qint64>(0, row.value(15).toLongLong());
    model.estimate = memoryFrom(row.value(16).toString());
    model.wishedDevice = row.value(17).toString();
    model.kept = row.value(18).toBool();
    model.createdAt = timeOf(row.value(19));
    model.updatedAt = timeOf(row.value(20));
    return model;
}

Error taken(const Model &model) {
    if (model.linked()) return errors::localAlreadyExists(model.localPath, 0);
    return errors::modelAlreadyExists(model.kept ? model.localPath : model.repoId, names::schemeId(model.quantization), 0);
}

/// JSON columns want to be told that the text is JSON.
QString json(Database::Dialect dialect) {
    return dialect == Database::Dialect::PostgreSql ? QStringLiteral("CAST(? AS JSONB)") : QStringLiteral("?");
}

}  // namespace

ModelState stateFromStatus(const QString &status, bool filesAreThere) {
    if (status == QStringLiteral("downloading")) return ModelState::Downloading;
    if (status == QStringLiteral("loading")) return ModelState::Loading;
    if (status == QStringLiteral("loaded")) return ModelState::Loaded;
    if (status == QStringLiteral("error")) return filesAreThere ? ModelState::LoadFailed : ModelState::DownloadFailed;
    return ModelState::Ready;
}

QFuture<Result<QList<Model>>> ModelRepository::all() {
    using Answer = Result<QList<Model>>;
    return m_database.run<Answer>([](QSqlDatabase &connection) -> Answer {
        auto query = sql::execute(connection,
                                  QStringLiteral("SELECT id, %1, created_at, updated_at FROM models ORDER BY id").arg(columns));
        if (!query) return query.error();
        QList<Model> models;
        while (query->next()) models << modelOf(*query);
        return models;
    });
}

QFuture<Result<Model>> ModelRepository::insert(const Model &model) {
    const QString statement =
        QStringLiteral(
            "INSERT INTO models (%1) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, %2, ?, ?, ?, ?, ?, ?, ?) RETURNING "
            "id, created_at, updated_at")
            .arg(columns, json(m_database.dialect()));
    return m_database.run<Result<Model>>([model, statement](QSqlDatabase &connection) -> Result<Model> {
        auto query = sql::executeUnique(connection, statement, valuesOf(model), taken(model));
        if (!query) return query.error();
        const auto row = sql::returnedRow(*query);
        if (!row) return row.error();
        if (row->size() < 3) return errors::internal(QStringLiteral("The database did not tell the new record's id."));
        Model inserted = model;
        inserted.id = row->at(0).toLongLong();
        inserted.createdAt = timeOf(row->at(1));
        inserted.updatedAt = timeOf(row->at(2));
        return inserted;
    });
}

QFuture<Result<void>> ModelRepository::update(const Model &model) {
    QString assignments = columns;
    assignments.replace(QStringLiteral(", "), QStringLiteral(" = ?, ")).append(QStringLiteral(" = ?"));
    assignments.replace(QStringLiteral("config_json = ?"), QStringLiteral("config_json = ") + json(m_database.dialect()));
    const QString statement = QStringLiteral("UPDATE models SET %1, updated_at = ? WHERE id = ? RETURNING id").arg(assignments);
    return m_database.run<Result<void>>([model, statement](QSqlDatabase &connection) -> Result<void> {
        auto values = valuesOf(model);
        values << model.updatedAt.toUTC().toString(Qt::ISODateWithMs) << model.id;
        auto query = sql::executeUnique(connection, statement, values, taken(model));
        if (!query) return query.error();
        const auto row = sql::returnedRow(*query);
        if (!row) return row.error();
        return row->isEmpty() ? Result<void>(errors::modelNotFound(model.id)) : Result<void>();
    });
}

QFuture<Result<void>> ModelRepository::remove(qint64 id) {
    return m_database.run<Result<void>>([id](QSqlDatabase &connection) -> Result<void> {
        auto query = sql::execute(connection, QStringLiteral("DELETE FROM models WHERE id = ? RETURNING id"), {id});
        if (!query) return query.error();
        const auto row = sql::returnedRow(*query);
        if (!row) return row.error();
        return row->isEmpty() ? Result<void>(errors::modelNotFound(id)) : Result<void>();
    });
}

}  // namespace millm
