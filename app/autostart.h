#pragma once

#include "core/base/error.h"

#include <QString>

namespace millm {

/// Whether the desktop starts the program when its user logs in: a file of the XDG autostart folder, which is the setting
/// itself. Blocks shortly.
class Autostart {
public:
    /// `folder`: the user's autostart folder; `program`: absolute path.
    Autostart(QString folder, QString program);
    static Autostart ofThisProgram();

    bool isOn() const;
    /// Internal where the file cannot be written or removed.
    Result<void> set(bool on) const;

private:
    QString file() const;

    QString m_folder, m_program;
};

}  // namespace millm
