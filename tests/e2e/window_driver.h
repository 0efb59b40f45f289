#pragma once

#include <QtQuickTest/quicktest.h>
#include <QQuickItem>
#include <QQuickWindow>
#include <QString>
#include <QTest>

namespace millm {

/// Drives a window as a person does: finds what is shown by its object name, clicks it with the mouse, types on the keyboard.
class WindowDriver {
public:
    explicit WindowDriver(QQuickWindow &window) : m_window(window) {}

    /// Every visible item of that name.
    QList<QQuickItem *> all(const QString &name) const {
        QList<QQuickItem *> found;
        collect(m_window.contentItem(), name, found);
        return found;
    }
    /// The one visible item of that name, or null.
    QQuickItem *one(const QString &name) const {
        const QList<QQuickItem *> found = all(name);
        return found.isEmpty() ? nullptr : found.first();
    }
    QString text(const QString &name) const {
        const QQuickItem *item = one(name);
        return item ? item->property("text").toString() : QString();
    }
    /// Waits until the item is there and enabled, then clicks its middle; false where it never came.
    bool click(const QString &name) const {
        if (!QTest::qWaitFor(
                [&] {
                    const QQuickItem *item = one(name);
                    return item && item->isEnabled();
                },
                30000))
            return false;
        QQuickTest::qWaitForPolish(&m_window);  // layouts move their items only then
        QQuickItem *item = one(name);
        if (!item) return false;
        const QPointF middle = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
        QTest::mouseClick(&m_window, Qt::LeftButton, {}, middle.toPoint());
        return true;
    }
    bool type(const QString &name, const QString &text) const {
        if (!click(name)) return false;
        QTest::keySequence(&m_window, QKeySequence::SelectAll);
        for (const QChar letter : text) QTest::keyClick(&m_window, letter.toLatin1());
        return true;
    }

private:
    static void collect(QQuickItem *item, const QString &name, QList<QQuickItem *> &found) {
        if (!item->isVisible()) return;
        if (item->objectName() == name) found.append(item);
        for (QQuickItem *child : item->childItems()) collect(child, name, found);
    }
    QQuickWindow &m_window;
};

}  // namespace millm
