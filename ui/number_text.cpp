#include "ui/number_text.h"

#include "ui/format.h"

#include <limits>

namespace millm {

QString NumberText::shown(double number, int decimals) {
    return format::localized(QString::number(number, 'f', decimals));
}

double NumberText::read(const QString &text) {
    bool whole = false;
    const double number = format::latin(text.trimmed()).toDouble(&whole);
    return whole ? number : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace millm
