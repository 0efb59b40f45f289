#pragma once

#include <QString>

namespace millm {

/// Why nothing can be written into `folder` (which is made where it is missing): "the disk is full" or the system's words.
/// Empty where it can. Writes a small file and removes it; blocks.
QString whyNotWritable(const QString &folder);

/// The words for a system call that failed with `systemError`.
QString wordsOf(int systemError);

}  // namespace millm
