#pragma once

#include "tests/support/hub_emulator.h"

#include <QUrl>

/// Everything that a Hub, its content network or somebody between may do wrong. Append a function, and a row in
/// hub_faults.cpp's table where the server program shall know it too.
namespace millm::testing::faults {

HubSpoiler drop(double fraction);                ///< the connection ends after this part of the body (0 to 1)
HubSpoiler stall(int ms);                        ///< silence in the middle of the body
HubSpoiler silence();                            ///< no answer at all
HubSpoiler hangUp();                             ///< the connection ends without an answer
HubSpoiler status(int code);                     ///< that status with an error in JSON
HubSpoiler retryAfter(const QByteArray &value);  ///< 429 with this Retry-After; empty: none
HubSpoiler rateLimit(int seconds);               ///< 429 with `RateLimit: …r=0;t=seconds`
HubSpoiler declaredLength(qint64 difference);    ///< Content-Length wrong by so many bytes
HubSpoiler shortBody(qint64 missing);            ///< fewer bytes, and a length that agrees
HubSpoiler longBody(qint64 more);                ///< more bytes, and a length that agrees
HubSpoiler flip(double fraction);                ///< one byte inverted at this part of the whole file
HubSpoiler header(const QByteArray &name, const QByteArray &value);  ///< sets it; empty value: removes it
HubSpoiler redirectTo(const QByteArray &location, int code = 302);
HubSpoiler redirectToItself();  ///< a loop
HubSpoiler ignoreRange();       ///< 200 and the whole file
HubSpoiler wrongRange();        ///< a Content-Range that begins elsewhere
HubSpoiler notSatisfiable();    ///< 416
HubSpoiler expired();           ///< 403 of a signed address
HubSpoiler gzip();              ///< says Content-Encoding: gzip, without a length
HubSpoiler pointer();           ///< an LFS pointer instead of the content
HubSpoiler portal();            ///< a sign-in page with status 200
HubSpoiler brokenJson();
HubSpoiler body(const QByteArray &bytes);                   ///< these bytes instead, status kept
HubSpoiler listFile(const QString &path, qint64 size = 5);  ///< a further entry in a tree's page
HubSpoiler then(HubSpoiler first, HubSpoiler second);

/// "drop:0.7" and the like, for the server program; nothing where there is no such fault.
HubSpoiler byName(const QString &text);
QStringList names();

}  // namespace millm::testing::faults
