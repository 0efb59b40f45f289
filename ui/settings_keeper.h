#pragma once

#include "core/base/error.h"

#include <QFuture>
#include <QString>

namespace millm {

/// What the window may know and change of the program's settings, by their keys in the settings file. The program implements
/// it. GUI thread; a change is the write of a small file.
class SettingsKeeper {
public:
    struct Entry {
        QString value;     ///< as it was written; empty: the fallback counts
        QString fallback;  ///< what counts where nothing is written; may be empty
        QString setBy;     ///< "MILLM_PORT", "--port": what overrides the file; empty: nothing does
    };

    virtual ~SettingsKeeper() = default;
    virtual Entry entry(const QString &key) const = 0;
    /// What is wrong with the value; empty: nothing.
    virtual QString fault(const QString &key, const QString &value) const = 0;
    /// Writes it down (empty: takes it out of the file) and uses it at once where that is possible. Answers in the GUI thread.
    virtual QFuture<Result<void>> keep(const QString &key, const QString &value) = 0;
    /// False: nothing is written down, changes last until the program ends.
    virtual bool isKeeping() const = 0;
    /// For the Hub where a request brings none; until the program ends. Empty: the one it started with.
    virtual void useToken(const QString &token) = 0;
};

}  // namespace millm
