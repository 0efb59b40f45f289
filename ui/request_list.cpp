#include "ui/request_list.h"

#include "ui/format.h"

#include <QLocale>
#include <QSet>

#include <algorithm>

namespace millm {
namespace {

QString clientOf(const RequestRecord &record) {
    if (record.ofWindow) return RequestList::tr("This window");
    const QString program = record.program.section(u' ', 0, 0);  // "python-httpx/0.27"; browsers' lists are long
    return program.isEmpty() ? record.client : QStringLiteral("%1 • %2").arg(record.client, program);
}

QString callOf(const RequestRecord &record) {
    return record.ofWindow ? RequestList::tr("Chat") : record.call;
}

QString timeOf(const RequestRecord &record) {
    const double seconds = double(record.milliseconds) / 1000;
    if (!record.ended || seconds >= 60) return format::duration(qint64(seconds));
    return record.milliseconds < 1000 ? RequestList::tr("%1 ms").arg(format::number(record.milliseconds))
                                      : RequestList::tr("%1 s").arg(QLocale().toString(seconds, 'f', 1));
}

QString statusOf(const RequestRecord &record) {
    if (!record.ended) return RequestList::tr("Under way");
    if (record.status == 0) return record.ofWindow ? RequestList::tr("Stopped") : RequestList::tr("Left");
    return QString::number(record.status);
}

RequestList::Outcome outcomeOf(const RequestRecord &record) {
    using Outcome = RequestList::Outcome;
    if (!record.ended) return Outcome::UnderWay;
    if (record.status >= 500) return Outcome::Failed;
    return record.status >= 400 || record.status == 0 ? Outcome::Refused : Outcome::Good;
}

QString tokensOf(const RequestRecord &record) {
    return record.tokens > 0 ? format::tokens(record.tokens, 0) : QString();
}

/// A row as one sentence.
QString spoken(const RequestRecord &record) {
    QStringList parts{callOf(record), statusOf(record), clientOf(record), record.model, tokensOf(record), timeOf(record)};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

}  // namespace

int RequestList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant RequestList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const RequestRecord &record = m_records[index.row()];
    switch (role) {
        case RequestIdRole:
            return QVariant::fromValue(record.id);
        case ClientRole:
            return clientOf(record);
        case CallRole:
            return callOf(record);
        case ModelRole:
            return record.model;
        case TokensRole:
            return tokensOf(record);
        case TimeRole:
            return timeOf(record);
        case StatusRole:
            return statusOf(record);
        case OutcomeRole:
            return QVariant::fromValue(outcomeOf(record));
        case SpokenRole:
            return spoken(record);
        default:
            return {};
    }
}

QHash<int, QByteArray> RequestList::roleNames() const {
    return {{RequestIdRole, "requestId"}, {ClientRole, "client"},   {CallRole, "call"},
            {ModelRole, "modelName"},     {TokensRole, "tokens"},   {TimeRole, "time"},
            {StatusRole, "status"},       {OutcomeRole, "outcome"}, {SpokenRole, "spoken"}};
}

void RequestList::set(const QList<RequestRecord> &records) {
    const qsizetype before = m_records.size();
    QSet<quint64> staying;
    for (const RequestRecord &record : records) staying.insert(record.id);
    for (qsizetype row = m_records.size() - 1; row >= 0; --row) {
        if (staying.contains(m_records[row].id)) continue;
        beginRemoveRows({}, int(row), int(row));
        m_records.removeAt(row);
        endRemoveRows();
    }
    // Both are in the same order now, but for those that are new.
    for (qsizetype row = 0; row < records.size(); ++row) {
        if (row < m_records.size() && m_records[row].id == records[row].id) {
            m_records[row] = records[row];
            continue;
        }
        beginInsertRows({}, int(row), int(row));
        m_records.insert(row, records[row]);
        endInsertRows();
    }
    if (!m_records.isEmpty()) Q_EMIT dataChanged(index(0), index(int(m_records.size()) - 1));
    if (before != m_records.size()) Q_EMIT countChanged();
}

}  // namespace millm
