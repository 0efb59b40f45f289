#pragma once

#include "core/base/log_history.h"

#include <QAbstractListModel>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// The program's last messages from a level on, the newest last. GUI thread.
class LogList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)
    Q_PROPERTY(int level READ level WRITE setLevel NOTIFY levelChanged FINAL)
    Q_PROPERTY(QStringList levels READ levels NOTIFY levelsChanged FINAL)
public:
    enum class Weight { Debug, Info, Warning, Error };
    Q_ENUM(Weight)
    enum Role { TimeRole = Qt::UserRole + 1, LevelRole, CategoryRole, WordsRole, WeightRole };

    explicit LogList(const LogHistory &history, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int count() const { return int(m_shown.size()); }
    int level() const { return int(m_level); }  ///< row of levels()
    void setLevel(int row);
    QStringList levels() const;  ///< from the least weighty on
    /// All that is shown, for the clipboard: a line a message.
    Q_INVOKABLE QString text() const;

    /// Takes what was told since the last call.
    void refresh();

Q_SIGNALS:
    void countChanged();
    void levelChanged();
    void levelsChanged();  ///< their names, in another language

private:
    void take(const QList<LogEntry> &entries);

    const LogHistory &m_history;
    LogLevel m_level = LogLevel::Info;
    QList<LogEntry> m_shown;
    qint64 m_seen = 0;
};

}  // namespace millm
