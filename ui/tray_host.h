#pragma once

#include <QObject>
#include <QtQmlIntegration>

namespace millm {

/// Whether the desktop has a tray that shows programs' icons, now: it may come after this program, and go. GUI thread.
class TrayHost : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(bool available READ available NOTIFY availableChanged FINAL)
public:
    explicit TrayHost(QObject *parent = nullptr);

    bool available() const { return m_available; }

Q_SIGNALS:
    void availableChanged();

private:
    void become(bool available);

    bool m_available = false;
};

}  // namespace millm
