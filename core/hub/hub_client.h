#pragma once

#include "core/base/error.h"
#include "core/hub/repository.h"

#include <QByteArray>
#include <QFuture>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

#include <functional>
#include <memory>

namespace millm {

struct Settings;

/// The Hub's HTTP protocol. Redirects by hand, the token only to the Hub's own origin, JSON capped, rate limits obeyed.
/// Services thread.
class HubClient : public QObject {
    Q_OBJECT
public:
    explicit HubClient(const Settings &settings, QObject *parent = nullptr);
    ~HubClient() override;

    QUrl endpoint() const;
    bool offline() const;
    QString defaultToken() const;

    // Info, tree, whoami, auth-check, small files, ranges and the opening of a file's stream are declared by the
    // implementation (hub_client.cpp's owner): RepositoryInspector and FileDownload are its only callers.

private:
    class Private;
    std::unique_ptr<Private> d;
    friend class RepositoryInspector;
};

}  // namespace millm
