#pragma once

#include <QAbstractListModel>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// Short messages that go by themselves after five seconds. GUI thread.
class ToastList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
public:
    enum class Kind { Success, Error, Warning, Info };
    Q_ENUM(Kind)
    enum Role { IdRole = Qt::UserRole + 1, KindRole, TextRole };
    static constexpr int milliseconds = 5000;

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    /// The same message a second time starts its five seconds again.
    void show(millm::ToastList::Kind kind, const QString &text);
    Q_INVOKABLE void dismiss(int id);
    /// The pointer or the focus is on one: nothing goes until it leaves.
    Q_INVOKABLE void hold(bool held);

Q_SIGNALS:
    void announced(millm::ToastList::Kind kind, const QString &text);

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    struct Toast {
        int id = 0;
        Kind kind = Kind::Info;
        QString text;
        int timer = 0;
    };
    void removeAt(qsizetype row);

    QList<Toast> m_toasts;  ///< the oldest first
    int m_lastId = 0;
    bool m_held = false;
};

}  // namespace millm
