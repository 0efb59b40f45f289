#pragma once

#include "core/base/error.h"
#include "core/hub/repository.h"

#include <QString>

#include <stop_token>

/// Folders and space. All of it blocks: for worker threads only.
namespace millm::disk {

/// Bytes free for this program where `path` is, or will be.
qint64 available(const QString &path);

/// Do a file and a folder (which may not be there yet) lie on one file system, so that the file can be linked into it?
bool areOnOneDisk(const QString &file, const QString &folder);

/// An empty folder at `path`, whatever was there. ModelDownloadFailed.
Result<void> makeFolder(const QString &path);

/// A copy of `source` at `target`; true where it is there.
bool copy(const QString &source, const QString &target);
/// The file at `target`, as a hard link to `source` or as a copy; true where it is there.
bool take(const QString &source, const QString &target);

/// Makes `made` be `folder` by one rename, after the disk has all of it; what was at `folder` goes. Its bytes.
Result<qint64> publish(const QString &made, const QString &folder);

/// Removes a folder with all in it; links in it are removed, not followed. False, with a line in the log, where some is left.
bool remove(const QString &folder);

/// Does this errno say that there is no room?
bool isFull(int systemError);

/// The error for a failed system call while writing: full disks have a name of their own.
Error writingFailed(int systemError, const QString &path, qint64 required);

}  // namespace millm::disk
