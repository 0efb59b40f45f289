#include "qml/spoken_progress.h"

#include <QAccessible>
#include <QAccessibleObject>
#include <QQuickItem>
#include <QQuickWindow>

namespace millm {

namespace {

/// A ProgressBar of qml/Controls to assistive technology; its words are those of its Accessible. GUI thread.
class SpokenProgress : public QAccessibleObject, public QAccessibleValueInterface {
public:
    explicit SpokenProgress(QQuickItem *item) : QAccessibleObject(item), m_item(*item) {}

    QAccessibleInterface *parent() const override {
        for (QQuickItem *around = m_item.parentItem(); around; around = around->parentItem())
            if (QAccessibleInterface *found = QAccessible::queryAccessibleInterface(around)) return found;
        return QAccessible::queryAccessibleInterface(m_item.window());
    }
    int childCount() const override { return 0; }
    QAccessibleInterface *child(int) const override { return nullptr; }
    int indexOfChild(const QAccessibleInterface *) const override { return -1; }
    QWindow *window() const override { return m_item.window(); }
    QAccessible::Role role() const override { return QAccessible::ProgressBar; }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.readOnly = true;
        state.invisible = !m_item.isVisible();
        return state;
    }
    QRect rect() const override {
        if (!m_item.window()) return {};
        const QRect inWindow = m_item.mapRectToScene(QRectF(0, 0, m_item.width(), m_item.height())).toRect();
        return QRect(m_item.window()->mapToGlobal(inWindow.topLeft()), inWindow.size());
    }
    QString text(QAccessible::Text kind) const override {
        if (kind == QAccessible::Name) return m_item.property("spokenName").toString();
        if (kind == QAccessible::Description) return m_item.property("spokenDescription").toString();
        return {};
    }

    void *interface_cast(QAccessible::InterfaceType type) override {
        if (type == QAccessible::ValueInterface) return static_cast<QAccessibleValueInterface *>(this);
        return nullptr;
    }
    QVariant currentValue() const override {
        // The bus knows numbers alone: of none Qt makes a zero too, with a line in the log each time that it is asked for.
        return m_item.property("indeterminate").toBool() ? minimumValue() : m_item.property("value");
    }
    void setCurrentValue(const QVariant &) override {}
    QVariant maximumValue() const override { return m_item.property("to"); }
    QVariant minimumValue() const override { return m_item.property("from"); }
    QVariant minimumStepSize() const override { return 0; }

private:
    QQuickItem &m_item;
};

QAccessibleInterface *spokenProgress(const QString &className, QObject *object) {
    auto *item = className == QLatin1StringView("QQuickProgressBar") ? qobject_cast<QQuickItem *>(object) : nullptr;
    return item ? new SpokenProgress(item) : nullptr;
}

}  // namespace

void speakProgress() {
    QAccessible::installFactory(spokenProgress);
}

}  // namespace millm
