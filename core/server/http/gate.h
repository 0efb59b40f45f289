#pragma once

#include "core/server/http/connection.h"
#include "core/server/http/key_ring.h"
#include "core/server/http/route.h"

#include <QByteArray>
#include <QHostAddress>
#include <QList>
#include <QStringList>

#include <memory>

namespace millm {
struct Settings;
}

namespace millm::http {

/// Decides by its head alone whether a request may reach a handler: Host (DNS rebinding), origin, key, path, method, content
/// type, size. So nothing of a body is read that nobody may send. Holds no secret but the keys' hashes. Services thread.
class Gate {
public:
    Gate(const Settings &settings, std::shared_ptr<const RouteTable> routes, const WrongKeyLimits &wrongKeys = {});

    Admission admit(const RequestHead &head, const QHostAddress &peer) const;
    Response refuse(const BadRequest &why, const RequestHead &head) const;
    /// What a page of a configured origin needs to read the answer; empty for everybody else.
    QList<std::pair<QByteArray, QByteArray>> corsHeaders(const RequestHead &head) const;
    /// What comes of a key that somebody shows; empty: none was shown.
    struct Verdict {
        bool opens = false;                  ///< also where no key is wanted
        QString name;                        ///< the key's, where it is right
        std::chrono::milliseconds delay{0};  ///< a refusal waits so long
        bool tooMany = false;                ///< too many wrong ones of that peer wait already
    };
    Verdict judge(const QByteArray &key, const QHostAddress &peer) const;
    KeyRing &keys() const { return *m_keys; }
    /// The key a request carries, in whichever header.
    static QByteArray keyOf(const RequestHead &head);

private:
    bool hostIsOurs(const QByteArray &host) const;
    bool isForeign(const RequestHead &head) const;
    Admission refuseKey(const Verdict &verdict, bool shown, ErrorStyle style) const;
    std::optional<Response> checkBody(const RequestHead &head, const Route &route, ErrorStyle style) const;
    std::optional<Response> checkUpgrade(const RequestHead &head, const Route &route, ErrorStyle style) const;
    Response preflight(const RequestHead &head, const QList<QByteArray> &allowed) const;

    std::shared_ptr<const RouteTable> m_routes;
    QList<QByteArray> m_hosts;  ///< lower case, without port and brackets
    bool m_anyAddress = false;  ///< listening on all: any address literal may name us
    QList<QByteArray> m_origins;
    const std::unique_ptr<KeyRing> m_keys;
};

}  // namespace millm::http
