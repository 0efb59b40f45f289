#pragma once

#include <QString>

#include <optional>

namespace millm {

/// Where the HTTP server listens, and which key the setting "api-key" names.
struct ServerAddress {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 8000;           ///< 0: a free one
    std::optional<QString> key{};  ///< empty: there is none; nothing: whatever it is, it stays

    bool operator==(const ServerAddress &) const = default;
};

}  // namespace millm
