#pragma once

#include <QString>

/// Numbers as people read them, in the window's one way of writing them and with the signs of the default locale.
namespace millm::format {

QString bytes(qint64 bytes);                    ///< "1.8 GB", "420 MB", "97 KB": decimal, as the Hub has them
QString mebibytes(qint64 mebibytes);            ///< bytes() of a `*Mb` field
QString gigabytes(const QString &written);      ///< "1.8 GB" as the services write it
QString number(qint64 number);                  ///< "4,096"
QString localized(const QString &latin);        ///< "0.70", each digit and the point with the locale's sign, nothing else
QString latin(const QString &typed);            ///< digits of any script as those of "0.70", a decimal comma as its point
QString ofTotal(qint64 part, qint64 total);     ///< "1.2 of 4.9 GB", both in the total's unit
QString ratio(qint64 part, qint64 total);       ///< "8.2/32 GB"
QString percent(double percent);                ///< "42%"
QString speed(double megabitsPerSecond);        ///< "12.4 MB/s"
QString duration(qint64 seconds);               ///< "45 s", "3 min 20 s", "2 h 5 min"
QString tokens(qint64 tokens, double seconds);  ///< "24 tokens, 8.1 tokens/s"; without seconds, or of one, only the number

int counted(qint64 number);  ///< what tr() takes to find the plural: within an int, never negative

}  // namespace millm::format
