#pragma once

#include "tests/e2e/accessible_tree.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QSize>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>
#include <optional>

namespace millm::testing {

/// A desktop of its own for the program as it is: a display, a session bus, an accessibility bus, an empty home.
class Desktop {
public:
    static constexpr int patienceMs = 30000;  ///< for what takes no work

    explicit Desktop(const QSize &screen = {1280, 800});
    ~Desktop();

    /// What went wrong; empty: it stands.
    QString trouble() const { return m_trouble; }
    QString home() const { return m_home.path(); }
    QProcessEnvironment &environment() { return m_environment; }  ///< of programs to come
    /// Of programs to come; empty: they find out by themselves. Until it is called: "data" in the home.
    void setDataFolder(const QString &folder) { m_dataFolder = folder; }
    const AccessibleTree &tree() const { return *m_tree; }
    QDBusConnection session() const { return m_session; }  ///< its session bus

    /// Starts miLLM with these options and waits for its window on the accessibility bus, which fills the screen then; false
    /// where none comes.
    bool start(const QStringList &options = {});
    bool stop();  ///< ends it; false where it did not end well
    QProcess &program() { return m_program; }
    Reference window() const { return m_window; }
    QList<Spoken> all() const { return m_tree->walk(m_window); }
    Spoken focused() const { return m_tree->focused(m_window); }

    /// The first part of that role and of that name, or whatever it is called where the name is empty; nothing where none is.
    std::optional<Spoken> find(const QString &role, const QString &name) const;
    /// Waits until there is one; false where none comes.
    bool sees(const QString &role, const QString &name, int withinMs = patienceMs) const;
    /// Waits until it can be used and presses it, by what a screen reader can press; false where it never can.
    bool press(const QString &role, const QString &name, int withinMs = patienceMs) const;

    /// Waits for another window of the program, of that title, and gives it the keyboard; nothing where none comes.
    std::optional<Reference> turnTo(const QString &title);

    /// Presses keys as a keyboard does: "Tab", "shift+Tab", "ctrl+l".
    bool press(const QStringList &keys);
    bool type(const QString &text);

private:
    bool drive(const QStringList &arguments);
    QString begin();

    QTemporaryDir m_home;
    QString m_dataFolder = home() + QStringLiteral("/data");
    QProcess m_display, m_sessionBus, m_launcher, m_program;
    QProcessEnvironment m_environment = QProcessEnvironment::systemEnvironment();
    std::unique_ptr<AccessibleTree> m_tree;
    Reference m_application, m_window;
    QDBusConnection m_session{QString()};
    QSize m_screen;
    QString m_trouble;
};

}  // namespace millm::testing
