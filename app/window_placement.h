#pragma once

#include <QObject>
#include <QSize>
#include <QString>
#include <QTimer>
#include <QVariantMap>

class QWindow;

namespace millm {

/// Keeps a window's size, and whether it fills the screen, from one start to the next; where it stands is the window manager's
/// business. An empty `settingsFile` keeps nothing. GUI thread.
class WindowPlacement : public QObject {
    Q_OBJECT
public:
    /// Properties to make the window with: width and height within the screen, those of a first start where none are known;
    /// visibility.
    static QVariantMap remembered(const QString &settingsFile);

    /// Watches `window`, which outlives this, and writes down what it was last like. Makes it smaller once, when it is first
    /// seen, where its frame has no room on the screen.
    WindowPlacement(QWindow &window, const QString &settingsFile);
    ~WindowPlacement() override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fit();
    void look();

    QWindow &m_window;
    QString m_settingsFile;
    QSize m_size;     ///< while it was neither maximised nor hidden
    QSize m_resized;  ///< since the last look; empty: not at all
    bool m_maximized = false;
    QTimer m_settled;
};

}  // namespace millm
