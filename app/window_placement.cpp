#include "app/window_placement.h"

#include <QEvent>
#include <QGuiApplication>
#include <QScreen>
#include <QSettings>
#include <QWindow>

namespace millm {
namespace {

constexpr auto sizeKey = QLatin1StringView("window/size"), maximizedKey = QLatin1StringView("window/maximized");
// A size and the state that it belongs to come in either order.
constexpr int settledMs = 200;
// Of a first start, on a screen that has room for it.
constexpr QSize firstSize(1280, 800);

}  // namespace

QVariantMap WindowPlacement::remembered(const QString &settingsFile) {
    QVariantMap properties;
    QSize size = firstSize;
    if (!settingsFile.isEmpty()) {
        const QSettings settings(settingsFile, QSettings::IniFormat);
        if (const QSize kept = settings.value(sizeKey).toSize(); !kept.isEmpty()) size = kept;
        if (settings.value(maximizedKey).toBool()) properties.insert(QStringLiteral("visibility"), QWindow::Maximized);
    }
    if (const QScreen *screen = QGuiApplication::primaryScreen()) size = size.boundedTo(screen->availableSize());
    properties.insert(QStringLiteral("width"), size.width());
    properties.insert(QStringLiteral("height"), size.height());
    return properties;
}

WindowPlacement::WindowPlacement(QWindow &window, const QString &settingsFile)
    : m_window(window), m_settingsFile(settingsFile) {
    m_settled.setSingleShot(true);
    m_settled.setInterval(settledMs);
    connect(&m_settled, &QTimer::timeout, this, &WindowPlacement::look);
    const auto changed = [this] {
        if (m_window.visibility() == QWindow::Windowed) m_resized = m_window.size();
        m_settled.start();
    };
    connect(&window, &QWindow::widthChanged, this, changed);
    connect(&window, &QWindow::heightChanged, this, changed);
    connect(&window, &QWindow::visibilityChanged, this, changed);
    look();
    window.installEventFilter(this);
    if (window.isExposed()) fit();
}

bool WindowPlacement::eventFilter(QObject *watched, QEvent *event) {
    if (event->type() == QEvent::Expose && m_window.isExposed()) fit();
    return QObject::eventFilter(watched, event);
}

void WindowPlacement::fit() {
    m_window.removeEventFilter(this);
    if (m_window.visibility() != QWindow::Windowed) return;
    // How much the window manager adds is known only now.
    const QSize room = m_window.screen()->availableSize().shrunkBy(m_window.frameMargins());
    if (const QSize size = m_window.size().boundedTo(room); size != m_window.size()) m_window.resize(size);
}

WindowPlacement::~WindowPlacement() {
    if (m_settled.isActive()) look();
    if (m_settingsFile.isEmpty() || m_size.isEmpty()) return;
    QSettings settings(m_settingsFile, QSettings::IniFormat);
    settings.setValue(sizeKey, m_size);
    settings.setValue(maximizedKey, m_maximized);
}

void WindowPlacement::look() {
    switch (m_window.visibility()) {
        case QWindow::Windowed:
            m_maximized = false;
            m_size = m_window.size();
            break;
        case QWindow::Maximized:
            m_maximized = true;
            if (m_size.isEmpty()) m_size = m_window.size();
            break;
        default:  // hidden, minimised, full screen: as it was before
            if (!m_resized.isEmpty()) m_size = m_resized;
            break;
    }
    m_resized = {};
}

}  // namespace millm
