#pragma once

#include "core/base/log_history.h"
#include "core/base/settings.h"

#include <QString>

#include <memory>

class QQuickWindow;

namespace millm {

class ServiceThread;
class Translations;

/// What the window needs to know beside the services.
struct WindowOptions {
    bool demo = false;
    QString demoRepository;
    QString trouble;  ///< a sentence that stays on the page: what is wrong with this start
    SettingOrigins origins;
    QString settingsFile;  ///< that the next start reads; empty: nothing is written down
    std::shared_ptr<LogHistory> log = std::make_shared<LogHistory>();  ///< not null
    Translations *translations = nullptr;  ///< follow the language that is chosen; they outlive the window. Null: none do
};

/// Where the window keeps what only it has to know (INI); empty in the demo, which leaves no traces.
QString windowSettingsFile(const Settings &settings, bool demo);

/// True where a window can be shown: a display is named and answers.
bool hasDisplay();

/// The window with its view models, wired to the services, which outlive it. Starting them is its last act: it is shown while
/// the database still opens. Main thread.
class Window {
public:
    Window(const Settings &settings, const WindowOptions &options, ServiceThread &services);
    ~Window();

    QQuickWindow *root() const;  ///< null where the window could not be made
    void raise();

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
