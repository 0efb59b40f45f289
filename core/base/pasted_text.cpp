#include "core/base/pasted_text.h"

namespace millm {

QString pasted(const QString &text) {
    QString seen = text;
    seen.removeIf([](QChar c) { return c.category() == QChar::Other_Format; });
    qsizetype begin = 0, end = seen.size();
    const auto isBlank = [&](qsizetype i) { return seen[i].isSpace() || seen[i].category() == QChar::Other_Control; };
    while (begin < end && isBlank(begin)) ++begin;
    while (end > begin && isBlank(end - 1)) --end;
    return seen.sliced(begin, end - begin);
}

}  // namespace millm
