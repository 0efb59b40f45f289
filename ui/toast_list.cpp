#include "ui/toast_list.h"

#include <QTimerEvent>

#include <algorithm>

namespace millm {

namespace {
constexpr qsizetype mostAtOnce = 5;
}

int ToastList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_toasts.size());
}

QHash<int, QByteArray> ToastList::roleNames() const {
    return {{IdRole, "toastId"}, {KindRole, "kind"}, {TextRole, "message"}};
}

QVariant ToastList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Toast &toast = m_toasts[index.row()];
    switch (role) {
        case IdRole:
            return toast.id;
        case KindRole:
            return QVariant::fromValue(toast.kind);
        case Qt::DisplayRole:
        case TextRole:
            return toast.text;
        default:
            return {};
    }
}

void ToastList::show(Kind kind, const QString &text) {
    const auto same = std::ranges::find_if(m_toasts, [&](const Toast &t) { return t.kind == kind && t.text == text; });
    if (same != m_toasts.end()) removeAt(same - m_toasts.begin());
    if (m_toasts.size() == mostAtOnce) removeAt(0);
    const auto row = static_cast<int>(m_toasts.size());
    beginInsertRows({}, row, row);
    m_toasts.append({.id = ++m_lastId, .kind = kind, .text = text, .timer = startTimer(milliseconds)});
    endInsertRows();
    Q_EMIT announced(kind, text);
}

void ToastList::dismiss(int id) {
    const auto found = std::ranges::find(m_toasts, id, &Toast::id);
    if (found != m_toasts.end()) removeAt(found - m_toasts.begin());
}

void ToastList::hold(bool held) {
    if (held == m_held) return;
    m_held = held;
    for (Toast &toast : m_toasts) {
        if (toast.timer) killTimer(toast.timer);
        toast.timer = held ? 0 : startTimer(milliseconds);
    }
}

void ToastList::timerEvent(QTimerEvent *event) {
    const auto found = std::ranges::find(m_toasts, event->timerId(), &Toast::timer);
    if (found == m_toasts.end()) {
        QAbstractListModel::timerEvent(event);
    } else if (!m_held) {
        removeAt(found - m_toasts.begin());
    }
}

void ToastList::removeAt(qsizetype row) {
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
    if (const int timer = m_toasts.takeAt(row).timer) killTimer(timer);
    endRemoveRows();
}

}  // namespace millm
