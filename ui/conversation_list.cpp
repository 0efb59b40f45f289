#include "ui/conversation_list.h"

#include "core/conversations/conversation_repository.h"
#include "ui/error_words.h"

#include <QLocale>

#include <chrono>

namespace millm {

namespace {

QString dayOf(const QDateTime &time) {
    const QDateTime local = time.toLocalTime();
    const qint64 days = local.date().daysTo(QDate::currentDate());
    // Some locales' short times have seconds.
    if (days == 0)
        return QLocale().toString(local.time(), QLocale().timeFormat(QLocale::ShortFormat).remove(QStringLiteral(":ss")));
    if (days == 1) return ConversationList::tr("Yesterday");
    return QLocale().toString(local.date(), QLocale::ShortFormat);
}

}  // namespace

ConversationList::ConversationList(ConversationRepository &kept, QObject *parent) : QAbstractListModel(parent), m_kept(kept) {
    m_pause.setSingleShot(true);
    m_pause.setInterval(std::chrono::milliseconds(200));
    connect(&m_pause, &QTimer::timeout, this, &ConversationList::reload);
}

int ConversationList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_heads.size());
}

QHash<int, QByteArray> ConversationList::roleNames() const {
    return {{ConversationIdRole, "conversationId"}, {TitleRole, "title"}, {WhenRole, "when"}, {CurrentRole, "current"}};
}

QVariant ConversationList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ConversationHead &head = m_heads[index.row()];
    switch (role) {
        case ConversationIdRole:
            return head.id;
        case Qt::DisplayRole:
        case TitleRole:
            return head.title;
        case WhenRole:
            return dayOf(head.updatedAt);
        case CurrentRole:
            return head.id == m_current;
        default:
            return {};
    }
}

qsizetype ConversationList::position(qint64 id) const {
    const auto found = std::ranges::find(m_heads, id, &ConversationHead::id);
    return found == m_heads.end() ? -1 : found - m_heads.begin();
}

void ConversationList::setSearch(const QString &search) {
    if (search == m_search) return;
    m_search = search;
    Q_EMIT searchChanged();
    m_pause.start();
}

void ConversationList::setCurrent(qint64 id) {
    if (id == m_current) return;
    m_current = id;
    Q_EMIT currentChanged();
    if (!m_heads.isEmpty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1), {CurrentRole});
}

void ConversationList::setFace(Face face, const QString &failure) {
    if (face == m_face && failure == m_failure) return;
    m_face = face;
    m_failure = failure;
    Q_EMIT faceChanged();
}

void ConversationList::reload() {
    const quint64 asked = ++m_asked;
    m_kept.heads(m_search.trimmed()).then(this, [this, asked](const Result<QList<ConversationHead>> &heads) {
        if (asked == m_asked) take(heads);
    });
}

void ConversationList::take(const Result<QList<ConversationHead>> &heads) {
    beginResetModel();
    m_heads = heads ? *heads : QList<ConversationHead>();
    endResetModel();
    if (!heads)
        setFace(Face::Error, heads.error().message);
    else
        setFace(m_heads.isEmpty() ? Face::Empty : Face::Content);
}

void ConversationList::touch(qint64 id, const QString &title) {
    // Whether a search lets it through is the database's to say.
    if (!m_search.trimmed().isEmpty() || m_face == Face::Loading || m_face == Face::Error) {
        reload();
        return;
    }
    if (const qsizetype at = position(id); at > 0) {
        beginMoveRows({}, int(at), int(at), {}, 0);
        m_heads.move(at, 0);
        endMoveRows();
    } else if (at < 0) {
        beginInsertRows({}, 0, 0);
        m_heads.prepend({id, title});
        endInsertRows();
    }
    m_heads[0].title = title;
    m_heads[0].updatedAt = QDateTime::currentDateTimeUtc();
    Q_EMIT dataChanged(index(0), index(0));
    setFace(Face::Content);
}

void ConversationList::rename(qint64 id, const QString &title) {
    const QString wanted = title.simplified().left(200);
    const qsizetype at = position(id);
    if (wanted.isEmpty() || at < 0 || m_heads[at].title == wanted) return;
    m_kept.rename(id, wanted).then(this, [this, id, wanted](const Result<void> &done) {
        if (!done) {
            Q_EMIT failed(done.error());
            return;
        }
        if (const qsizetype now = position(id); now >= 0) {
            m_heads[now].title = wanted;
            Q_EMIT dataChanged(index(int(now)), index(int(now)), {TitleRole});
        }
        Q_EMIT renamed(id, wanted);
    });
}

void ConversationList::remove(qint64 id) {
    m_kept.remove(id).then(this, [this, id](const Result<void> &done) {
        if (!done) {
            Q_EMIT failed(done.error());
            return;
        }
        if (const qsizetype at = position(id); at >= 0) {
            beginRemoveRows({}, int(at), int(at));
            m_heads.removeAt(at);
            endRemoveRows();
        }
        if (m_heads.isEmpty()) setFace(Face::Empty);
        Q_EMIT removed(id);
    });
}

}  // namespace millm
