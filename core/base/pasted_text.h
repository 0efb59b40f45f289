#pragma once

#include <QString>

namespace millm {

/// A token, id or address as a person meant it: without the blanks, line ends and no-break spaces around it that come along
/// when it is copied, and without the characters that nobody sees (zero-width ones, byte order marks), wherever they are.
QString pasted(const QString &text);

}  // namespace millm
