#pragma once

#include "core/inference/requests.h"
#include "core/models/model.h"
#include "ui/error_words.h"
#include "ui/model_row.h"

#include <QAbstractListModel>
#include <QList>
#include <QUrl>
#include <QVariantMap>
#include <QtQmlIntegration>

namespace millm {

class ModelActions;
class ServerState;
class ToastList;

/// The models of this machine, one row each, by id; and what a card's buttons do. GUI thread. Facts come in through the
/// slots; they may come before the first setModels().
class ModelList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)
    Q_PROPERTY(Face face READ face NOTIFY faceChanged FINAL)
    Q_PROPERTY(QString failure READ failure NOTIFY faceChanged FINAL)
    Q_PROPERTY(QString cacheText READ cacheText NOTIFY cacheTextChanged FINAL)
    Q_PROPERTY(QString loadedName READ loadedName NOTIFY loadedNameChanged FINAL)
public:
    enum class Face { Loading, Empty, Error, Content };
    Q_ENUM(Face)
    enum class Tone { Good, Calm, Busy, Bad };
    Q_ENUM(Tone)
    enum Role {
        ModelIdRole = Qt::UserRole + 1,
        NameRole,
        DetailsRole,
        LocationRole,
        LocalRole,
        StatusRole,
        ToneRole,
        BusyRole,
        ProgressRole,
        ActivityRole,
        ProgressTextRole,
        MemoryTextRole,
        DiskTextRole,
        FailureRole,
        CanLoadRole,
        CanUnloadRole,
        CanCancelRole,
        CanRetryRole,
        CanDeleteRole,
        DeleteHintRole,
        SpokenRole,
        RankRole,    ///< loaded first, then those at work, then the rest
        PlaceRole,   ///< in the queue of downloads, from 1 on
        FailedRole,  ///< its download or load failed
        MemoryRole,  ///< MiB that it is estimated to take
    };

    ModelList(ModelActions &actions, ServerState &server, ToastList &toasts, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int count() const { return static_cast<int>(m_rows.size()); }
    Face face() const;
    QString failure() const { return inWords(m_failure); }  ///< the sentence of the error face
    QString cacheText() const;                              ///< "12.4 GB on disk"; empty while unknown
    QString loadedName() const;                             ///< of the model that answers requests; empty where there is none
    QString loadingName() const;                            ///< of the model that is being loaded; empty where none is
    int downloading() const;                                ///< how many are downloaded or wait for it
    const ModelRow *find(qint64 id) const;
    Q_INVOKABLE QString nameOf(qint64 id) const;  ///< empty where there is no such model
    QString wishedDeviceOf(qint64 id) const;      ///< where its last load went by choice
    /// "gemma-2-2b: why": what is wrong with a model, in a message that stands apart from its card.
    QString about(qint64 id, const QString &why) const;

    Q_INVOKABLE void unload(qint64 id);
    Q_INVOKABLE void unloadLoaded();  ///< the one that answers requests
    Q_INVOKABLE void cancel(qint64 id);
    Q_INVOKABLE void retry(qint64 id);
    Q_INVOKABLE void remove(qint64 id);
    Q_INVOKABLE void sayWhyKept(qint64 id);                   ///< Delete was pressed where it is not possible
    Q_INVOKABLE void rename(qint64 id, const QString &name);  ///< renamed() or renameRefused() follows
    Q_INVOKABLE void moveInQueue(qint64 id, int by);
    Q_INVOKABLE void quantize(qint64 id, int scheme);  ///< a further model of its files; row of the schemes' table
    Q_INVOKABLE void openFolder(qint64 id);
    Q_INVOKABLE void openPage(qint64 id);
    Q_INVOKABLE void copyName(qint64 id);
    Q_INVOKABLE void copyLocation(qint64 id);
    /// What can be done with a model now, for its menu: an object of "rename", "folder", "page", "up", "down" (each a boolean),
    /// "quantize" (rows of the schemes' table) and "local".
    Q_INVOKABLE QVariantMap deeds(qint64 id) const;
    Q_INVOKABLE void copyEndpoint(qint64 id);
    Q_INVOKABLE void copyCurl(qint64 id);
    QString endpoint() const;           ///< "http://127.0.0.1:8000/v1"; empty while the server does not serve
    QString curlLine(qint64 id) const;  ///< one request to the model, ready for a shell
    void setHubEndpoint(const QUrl &endpoint) { m_hubEndpoint = endpoint; }  ///< of models' pages

public Q_SLOTS:
    void setModels(const QList<millm::Model> &models);
    void upsert(const millm::Model &model);
    void drop(qint64 id);
    void setDownloadProgress(const millm::DownloadProgress &progress);
    void setLoadProgress(const millm::LoadProgress &progress);
    void setUnloadProgress(qint64 id, int pendingRequests);
    void setCacheBytes(qint64 bytes);
    void setModelUse(ModelUse use) { m_use = use; }  ///< of the loaded model: which endpoint the curl line uses
    void setFailure(const QString &sentence);

Q_SIGNALS:
    void renamed(qint64 id);
    void renameRefused(const QString &why);
    void countChanged();
    void faceChanged();
    void cacheTextChanged();
    void loadedNameChanged();

private:
    qsizetype position(qint64 id) const;
    QString nameOf(ModelState state) const;  ///< of the first in that state
    void changed(qsizetype row);
    void copy(const QString &text, const QString &told);
    void open(const QUrl &url);
    template <class T>
    void report(qint64 id, QFuture<Result<T>> future);

    ModelActions &m_actions;
    ServerState &m_server;
    ToastList &m_toasts;
    QList<ModelRow> m_rows;  ///< by id
    bool m_known = false;    ///< the first snapshot is here
    ModelUse m_use = ModelUse::Chat;
    qint64 m_cacheBytes = -1;
    QString m_failure;
    QUrl m_hubEndpoint;
};

}  // namespace millm
