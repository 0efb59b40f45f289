#pragma once

#include "app/inspect.h"
#include "core/base/settings.h"
#include "core/engine/result.h"

#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

namespace millm {

/// What the person or unit file that started us wants.
struct Invocation {
    enum class Verb { Window, Serve, Inspect };
    Verb verb = Verb::Window;
    InspectRequest inspect;  ///< of that verb
    bool demo = false;       ///< a built-in Hub with the sample model, and data that go when the program ends
    Settings settings;
    SettingOrigins origins;
    QString settingsFile;
};

/// The program ends before it starts: 0 after --help and --version, 2 for a call that cannot be followed.
struct Exit {
    int status = 0;
    QString text;  ///< to standard output where status is 0, else to standard error
};

/// Folders and files outside the command line that a call depends on; made once from the running system, by hand in tests.
struct Surroundings {
    QProcessEnvironment environment;
    QString settingsFile;   ///< INI with the long option names as keys
    QString dataDirectory;  ///< the platform's place for the application's data
    QString homeDirectory;
    QString programDirectory;
    QString workingDirectory;

    static Surroundings ofThisProcess();
};

/// Sets what the settings file calls `key`; what is wrong with the value, or nothing.
QString applySetting(const QString &key, const QString &value, Settings &settings);

/// First that is set wins: option, environment variable, settings file, default.
Outcome<Invocation, Exit> parseCommandLine(const QStringList &arguments, const Surroundings &surroundings);

}  // namespace millm
