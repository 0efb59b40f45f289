#pragma once

#include "core/models/model_search.h"

#include <QAbstractListModel>
#include <QString>
#include <QTimer>
#include <QtQmlIntegration>

#include <stop_token>

namespace millm {

class ModelActions;

/// What the Hub has for the words that are being typed: asked once they rest, an earlier question stopped by a later one.
/// GUI thread.
class HubSearch : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(Face face READ face NOTIFY faceChanged FINAL)
    Q_PROPERTY(bool open READ open NOTIFY faceChanged FINAL)
    Q_PROPERTY(QString message READ message NOTIFY faceChanged FINAL)
    Q_PROPERTY(int current READ current NOTIFY currentChanged FINAL)
public:
    enum class Face { Closed, Waiting, Found, Nothing, Failed };
    Q_ENUM(Face)
    enum Role {
        RepoIdRole = Qt::UserRole + 1,
        FactsRole,
        GatedRole,
        FitRole,
        FitTextRole,
        RefusedRole,
        ReasonRole,
        SpokenRole
    };
    static constexpr int restMilliseconds = 300;

    HubSearch(ModelActions &actions, bool offline, QObject *parent = nullptr);
    ~HubSearch() override;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    Face face() const { return m_face; }
    bool open() const { return m_face != Face::Closed; }
    QString message() const { return m_message; }  ///< what stands in the place of rows
    int current() const { return m_current; }      ///< the row that Enter takes; -1: none

    /// What is typed by now. An address, or less than two letters, is nothing to search for.
    Q_INVOKABLE void ask(const QString &text, const QString &token);
    /// One row on (1) or back (-1); back from the first one to what is typed.
    Q_INVOKABLE void move(int rows);
    Q_INVOKABLE QString repoId(int row) const;  ///< empty where there is no such row
    Q_INVOKABLE void close();

Q_SIGNALS:
    void faceChanged();
    void currentChanged();
    void announced(const QString &text);  ///< for who does not see it

private:
    void start();
    void take(const Result<QList<FoundModel>> &result);
    void show(Face face, const QString &message, const QList<FoundModel> &rows = {});
    void setCurrent(int row);

    ModelActions &m_actions;
    const bool m_offline;
    QTimer m_rest;
    SearchRequest m_request;
    std::stop_source m_stop;  ///< of the question under way
    QList<FoundModel> m_rows;
    QString m_message;
    Face m_face = Face::Closed;
    int m_current = -1;
};

}  // namespace millm
