#pragma once

#include "core/base/error.h"

#include <QByteArray>
#include <QUrl>

namespace millm {

/// Same scheme, host and port (the scheme's own where none is written): where credentials may go.
bool sameOrigin(const QUrl &a, const QUrl &b);

/// An address fit for the log and for messages: without the query, which may be a signature, and without a user.
QString redacted(const QUrl &url);

/// A mirror's answers may name the public Hub; such an address is turned to the mirror itself. Others stay.
QUrl throughMirror(const QUrl &url, const QUrl &endpoint);

/// The address that a `Link: <…>; rel="next"` header names; invalid where there is none.
QUrl nextPage(const QByteArray &link);

/// Follows one request's redirects by hand: at most 5 relative and 5 absolute ones, never from https to http.
class RedirectTrail {
public:
    /// The address to ask instead of `from`, or the sentence why it is not asked.
    Outcome<QUrl, QString> follow(const QUrl &from, const QByteArray &location);

private:
    int m_relative = 0, m_absolute = 0;
};

}  // namespace millm
