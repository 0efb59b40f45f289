#pragma once

#include "core/base/error.h"
#include "core/conversations/conversation.h"
#include "ui/error_words.h"

#include <QAbstractListModel>
#include <QList>
#include <QTimer>
#include <QtQmlIntegration>

namespace millm {

class ConversationRepository;

/// The conversations that are kept, the newest first; with a search, those in which it occurs. GUI thread.
class ConversationList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged FINAL)
    Q_PROPERTY(Face face READ face NOTIFY faceChanged FINAL)
    Q_PROPERTY(QString failure READ failure NOTIFY faceChanged FINAL)
    Q_PROPERTY(qint64 current READ current NOTIFY currentChanged FINAL)
public:
    enum class Face { Loading, Empty, Error, Content };
    Q_ENUM(Face)
    enum Role { ConversationIdRole = Qt::UserRole + 1, TitleRole, WhenRole, CurrentRole };

    explicit ConversationList(ConversationRepository &kept, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    QString search() const { return m_search; }
    void setSearch(const QString &search);
    Face face() const { return m_face; }
    QString failure() const { return inWords(m_failure); }
    qint64 current() const { return m_current; }  ///< the one that is open; 0: it is not kept yet
    void setCurrent(qint64 id);

    Q_INVOKABLE void rename(qint64 id, const QString &title);
    Q_INVOKABLE void remove(qint64 id);

    void reload();                                ///< asks the database
    void touch(qint64 id, const QString &title);  ///< that conversation is the newest now

Q_SIGNALS:
    void searchChanged();
    void faceChanged();
    void currentChanged();
    void renamed(qint64 id, const QString &title);
    void removed(qint64 id);
    void failed(const millm::Error &error);  ///< what was asked for was not done

private:
    qsizetype position(qint64 id) const;
    void take(const Result<QList<ConversationHead>> &heads);
    void setFace(Face face, const QString &failure = {});

    ConversationRepository &m_kept;
    QList<ConversationHead> m_heads;
    QString m_search, m_failure;
    Face m_face = Face::Loading;
    qint64 m_current = 0;
    quint64 m_asked = 0;  ///< the newest question; older answers are dropped
    QTimer m_pause;       ///< between the letters of a search
};

}  // namespace millm
