#include "core/hub/inspection.h"

#include "core/base/errors.h"
#include "core/base/worker_thread.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/hub/checksum.h"
#include "core/hub/hub_cache.h"
#include "core/hub/hub_client.h"
#include "core/hub/verdict.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cstring>
#include <utility>

namespace millm {
namespace {

constexpr qint64 configLimit = 10'000'000;
constexpr qint64 indexLimit = 50'000'000;
constexpr qint64 headerGuess = 128 * 1024;  // most headers are shorter: one request a file
constexpr int headersAtOnce = 4;

std::string_view view(const QByteArray &bytes) {
    return {bytes.constData(), std::size_t(bytes.size())};
}

const HubFile *find(const QList<HubFile> &files, const QString &path) {
    const auto found = std::find_if(files.begin(), files.end(), [&](const HubFile &file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

}  // namespace

Inspection::Inspection(HubClient &hub, WorkerThread &worker, const QString &repoId, const QString &token, QObject *parent)
    : QObject(parent), m_hub(hub), m_worker(worker), m_repoId(repoId), m_token(token) {}

void Inspection::start() {
    if (!m_hub.offline()) {
        askInfo();
    } else if (!useCache()) {
        finish(errors::downloadFailed(
            QStringLiteral("offline mode is on (HF_HUB_OFFLINE) and '%1' is not in the local cache.").arg(m_repoId)));
    }
}

void Inspection::askInfo() {
    m_hub.info(this, m_repoId, m_token, [this](HubResult<QJsonObject> json) {
        if (!json) {
            // With no network at all, what is on this machine is as good.
            const auto kind = json.error().kind;
            if ((kind == HubFailure::Kind::Transport || kind == HubFailure::Kind::Resting) && useCache()) return;
            return fail(json.error());
        }
        const auto info = repositoryInfo(*json);
        if (!info) return fail(info.error());
        haveInfo(*info);
    });
}

bool Inspection::useCache() {
    const auto snapshot = m_hub.cache().snapshot(m_repoId, QStringLiteral("main"));
    if (!snapshot || snapshot->files.isEmpty()) return false;
    m_fromCache = true;
    m_plan.repoId = snapshot->repoId;
    m_plan.commit = snapshot->commit;
    haveTree(snapshot->files);
    return true;
}

void Inspection::haveInfo(const RepositoryInfo &info) {
    m_plan.repoId = info.id;
    m_plan.commit = info.commit;
    m_plan.gated = info.gated;
    m_plan.isPrivate = info.isPrivate;
    m_plan.license = info.license;
    m_plan.requiresRemoteCode = info.customCode;
    m_plan.storedElements = info.storedElements;
    m_plan.modelType = info.config.value(QLatin1StringView("model_type")).toString();
    m_plan.architecture = info.config.value(QLatin1StringView("architectures")).toArray().first().toString();
    m_hub.tree(this, m_plan.repoId, m_plan.commit, m_token, [this](HubResult<QList<HubFile>> tree) {
        if (!tree) return fail(tree.error());
        haveTree(*tree);
    });
}

void Inspection::haveTree(const QList<HubFile> &tree) {
    m_tree = tree;
    auto selection = selectFiles(tree);
    if (!selection) return fail(selection.error());
    m_selection = *selection;
    m_plan.weights = m_selection.weights;
    m_plan.others = m_selection.others;
    readConfig();
}

void Inspection::readConfig() {
    const HubFile *config = find(m_tree, QStringLiteral("config.json"));
    if (!config) return readTexts();
    readWhole(*config, configLimit, [this](HubResult<QByteArray> bytes) {
        if (bytes) {
            m_plan.config = *bytes;
        } else if (bytes.error().kind == HubFailure::Kind::Gated) {
            m_plan.closed = true;
        } else {
            return fail(bytes.error());
        }
        readTexts();
    });
}

/// What tells of tokenizer and chat template. Of the little that hangs on it nothing is worth a failure.
void Inspection::readTexts() {
    std::vector<std::string> names;
    for (const HubFile &file : m_plan.others) names.push_back(file.path.toStdString());
    readText("tokenizer_config.json", &RepositoryPlan::tokenizerConfig, [this, names = std::move(names)] {
        const bool elsewhere =
            !engine::chat_templates_of_files(names).empty() || m_plan.tokenizerConfig.contains("\"chat_template\"");
        if (elsewhere) return readIndex();
        readText("chat_template.json", &RepositoryPlan::chatTemplate, [this] { readIndex(); });
    });
}

void Inspection::readText(const char *name, QByteArray RepositoryPlan::*place, std::function<void()> then) {
    const HubFile *file = find(m_plan.others, QString::fromLatin1(name));
    if (!file || m_plan.closed || file->size > configLimit) return then();
    readWhole(*file, configLimit, [this, place, then = std::move(then)](HubResult<QByteArray> bytes) {
        if (bytes) m_plan.*place = *bytes;
        then();
    });
}

void Inspection::readIndex() {
    const HubFile *index = m_selection.index.isEmpty() ? nullptr : find(m_tree, m_selection.index);
    if (!index || m_plan.closed) return readHeaders();
    readWhole(*index, indexLimit, [this](HubResult<QByteArray> bytes) {
        if (!bytes && bytes.error().kind == HubFailure::Kind::Gated) {
            m_plan.closed = true;
        } else {
            auto weights = bytes ? weightsOfIndex(*bytes, m_tree) : HubResult<QList<HubFile>>(bytes.error());
            if (!weights && m_fromCache)
                return fail(
                    refused(QStringLiteral("the local cache does not have all of it: %1").arg(weights.error().error.message)));
            if (!weights) return fail(weights.error());
            m_plan.weights = *weights;
        }
        readHeaders();
    });
}

void Inspection::readHeaders() {
    const bool safetensors =
        m_selection.form == engine::WeightForm::Safetensors || m_selection.form == engine::WeightForm::ShardedSafetensors;
    if (m_plan.closed || !safetensors || m_plan.weights.isEmpty()) return judge();
    m_headers.resize(std::size_t(m_plan.weights.size()));
    nextHeader();
}

void Inspection::nextHeader() {
    while (!m_finished && m_headersUnderWay < headersAtOnce && m_nextHeader < m_plan.weights.size()) {
        ++m_headersUnderWay;
        readHeader(m_nextHeader++);
    }
    if (!m_finished && m_headersUnderWay == 0) judge();
}

void Inspection::readHeader(int weight) {
    const HubFile file = m_plan.weights[weight];
    read(file, 0, std::min(file.size, headerGuess), [this, weight, file](HubResult<QByteArray> bytes) {
        if (!bytes && bytes.error().kind == HubFailure::Kind::Gated) {
            m_plan.closed = true;
            return judge();
        }
        if (!bytes) return fail(bytes.error());
        std::array<std::byte, 8> first{};
        std::memcpy(first.data(), bytes->constData(), std::size_t(std::min<qsizetype>(8, bytes->size())));
        const auto length = engine::safetensors_header_length(first, quint64(file.size));
        if (!length || qint64(*length) + 8 <= bytes->size() || file.size <= headerGuess) return haveHeader(weight, *bytes);
        const QByteArray begin = *bytes;
        read(file, begin.size(), qint64(*length) + 8 - begin.size(), [this, weight, begin](HubResult<QByteArray> rest) {
            if (!rest) return fail(rest.error());
            haveHeader(weight, begin + *rest);
        });
    });
}

void Inspection::haveHeader(int weight, const QByteArray &bytes) {
    const HubFile &file = m_plan.weights[weight];
    std::array<std::byte, 8> first{};
    std::memcpy(first.data(), bytes.constData(), std::size_t(std::min<qsizetype>(8, bytes.size())));
    const auto length = engine::safetensors_header_length(first, quint64(file.size));
    QString flaw;
    if (!length) {
        flaw = QString::fromStdString(length.error().message);
    } else if (bytes.size() < qint64(*length) + 8) {
        flaw = QStringLiteral("its header is cut off");
    } else {
        auto tensors = engine::parse_safetensors_header(view(bytes).substr(8, std::size_t(*length)), quint64(file.size));
        if (tensors) {
            m_headers[std::size_t(weight)] = std::move(*tensors);
        } else {
            flaw = QString::fromStdString(tensors.error().message);
        }
    }
    // One flipped byte on the way would condemn the repository: it is looked at twice.
    if (!flaw.isEmpty() && !m_secondLook.contains(weight)) {
        m_secondLook.insert(weight);
        return readHeader(weight);
    }
    if (!flaw.isEmpty() && m_flaw.isEmpty()) m_flaw = QStringLiteral("\"%1\" is broken: %2").arg(file.path, flaw);
    --m_headersUnderWay;
    nextHeader();
}

void Inspection::judge() {
    if (std::exchange(m_judged, true) || m_finished) return;
    for (auto &header : m_headers) std::move(header.begin(), header.end(), std::back_inserter(m_plan.tensors));
    m_headers.clear();
    // Of a repository with tens of thousands of tensors this takes its time.
    m_worker
        .run([plan = std::move(m_plan), form = m_selection.form, flaw = m_flaw]() mutable -> Result<RepositoryPlan> {
            millm::judge(plan, form, flaw);
            return std::move(plan);
        })
        .then(this, [this](Result<RepositoryPlan> judged) { finish(std::move(judged)); });
}

void Inspection::read(const HubFile &file, qint64 begin, qint64 count, Bytes then) {
    if (count <= 0) return then(QByteArray());
    const QString cached = m_hub.cache().find(m_plan.repoId, m_plan.commit, file);
    QFile local(cached);
    if (!cached.isEmpty() && local.open(QIODevice::ReadOnly) && local.seek(begin)) return then(local.read(count));
    m_hub.read(this, {m_plan.repoId, m_plan.commit, file.path}, begin, count, m_token,
               [this, then = std::move(then)](HubResult<QByteArray> bytes) {
                   // Of several questions on their way the first one may have ended it all.
                   if (!m_judged && !m_finished) then(std::move(bytes));
               });
}

void Inspection::readWhole(const HubFile &file, qint64 limit, Bytes then) {
    if (file.size > limit)
        return then(
            flawed(QStringLiteral("\"%1\" has %2 bytes, at most %3 are read.").arg(file.path).arg(file.size).arg(limit)));
    read(file, 0, file.size, [file, then = std::move(then)](HubResult<QByteArray> bytes) {
        if (!bytes) return then(bytes);
        Checksum sum(file);
        sum.add(bytes->constData(), bytes->size());
        const bool checkable = !file.sha256.isEmpty() || !file.gitSha1.isEmpty();
        if (bytes->size() != file.size || (checkable && !sum.matches()))
            return then(refused(QStringLiteral("\"%1\" is not what the repository lists: %2 of %3 bytes, or another checksum.")
                                    .arg(file.path)
                                    .arg(bytes->size())
                                    .arg(file.size)));
        then(bytes);
    });
}

void Inspection::fail(const HubFailure &failure) {
    finish(failure.error);
}

void Inspection::finish(Result<RepositoryPlan> result) {
    if (m_finished) return;
    m_finished = true;
    m_result = std::move(result);
    // Later than this call, so that nobody's handler runs inside start().
    QMetaObject::invokeMethod(this, &Inspection::finished, Qt::QueuedConnection);
}

}  // namespace millm
