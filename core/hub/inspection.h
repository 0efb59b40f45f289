#pragma once

#include "core/base/error.h"
#include "core/hub/file_selection.h"
#include "core/hub/hub_json.h"
#include "core/hub/repository.h"

#include <QObject>
#include <QSet>

#include <functional>

namespace millm {

class HubClient;
class WorkerThread;

/// One inspection under way, step by step: info, tree, config.json, the texts' files, index, the weight files' headers, verdict
/// (in `worker`). Services thread.
class Inspection : public QObject {
    Q_OBJECT
public:
    Inspection(HubClient &hub, WorkerThread &worker, const QString &repoId, const QString &token, QObject *parent);
    void start();
    Result<RepositoryPlan> result() const { return m_result; }

Q_SIGNALS:
    void finished();

private:
    using Bytes = std::function<void(HubResult<QByteArray>)>;

    void askInfo();
    bool useCache();
    void haveInfo(const RepositoryInfo &info);
    void haveTree(const QList<HubFile> &tree);
    void readConfig();
    void readTexts();
    void readText(const char *name, QByteArray RepositoryPlan::*place, std::function<void()> then);
    void readIndex();
    void readHeaders();
    void nextHeader();
    void readHeader(int weight);
    void haveHeader(int weight, const QByteArray &bytes);
    void judge();

    /// From the official clients' cache where it has the file, else from the Hub.
    void read(const HubFile &file, qint64 begin, qint64 count, Bytes then);
    /// The whole file, its checksum compared.
    void readWhole(const HubFile &file, qint64 limit, Bytes then);
    void finish(Result<RepositoryPlan> result);
    void fail(const HubFailure &failure);

    HubClient &m_hub;
    WorkerThread &m_worker;
    QString m_repoId, m_token;
    RepositoryPlan m_plan;
    QList<HubFile> m_tree;
    FileSelection m_selection;
    std::vector<std::vector<engine::TensorInfo>> m_headers;  ///< one a weight file
    int m_nextHeader = 0, m_headersUnderWay = 0;
    QSet<int> m_secondLook;  ///< weight files whose header was broken once
    QString m_flaw;          ///< why no engine could read it
    Result<RepositoryPlan> m_result = Error{};
    bool m_fromCache = false, m_judged = false, m_finished = false;
};

}  // namespace millm
