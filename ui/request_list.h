#pragma once

#include "core/inference/request_journal.h"

#include <QAbstractListModel>
#include <QList>
#include <QtQmlIntegration>

namespace millm {

/// Requests of other programs, and of this one's chat, in words: those under way, or those that have ended. GUI thread.
class RequestList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)
public:
    enum class Outcome { UnderWay, Good, Refused, Failed };
    Q_ENUM(Outcome)
    enum Role {
        RequestIdRole = Qt::UserRole + 1,
        ClientRole,
        CallRole,
        ModelRole,
        TokensRole,
        TimeRole,
        StatusRole,
        OutcomeRole,
        SpokenRole
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return int(m_records.size()); }

    /// What stays keeps its row, so that the keyboard's focus stays too. Newest first.
    void set(const QList<RequestRecord> &records);

Q_SIGNALS:
    void countChanged();

private:
    QList<RequestRecord> m_records;
};

}  // namespace millm
