#include "core/server/request_recorder.h"

#include "core/base/api_keys.h"
#include "core/inference/request_journal.h"
#include "core/server/http/exchange.h"
#include "core/server/http/front.h"

#include <algorithm>
#include <array>

namespace millm {
namespace {

constexpr qsizetype longestName = 200;

/// Asked over and over by machines. One more: append a row.
constexpr std::array<QByteArrayView, 3> repeated{"/socket.io", "/api/health", "/metrics"};

bool isRepeated(const QByteArray &path) {
    return std::ranges::any_of(repeated, [&](QByteArrayView prefix) {
        return path.startsWith(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
    });
}

RequestRecord recordOf(const http::Exchange &exchange) {
    const http::RequestHead &head = exchange.head();
    RequestRecord record;
    record.client = exchange.peer().toString();
    if (!exchange.client().isEmpty() && exchange.client() != settingsKeyName)
        record.client = QStringLiteral("%1 (%2)").arg(exchange.client(), record.client);
    record.program = QString::fromLatin1(head.value("user-agent").left(longestName));
    record.call = QString::fromLatin1(head.method.left(longestName) + ' ' + head.path.left(longestName));
    return record;
}

}  // namespace

RequestRecorder::RequestRecorder(RequestJournal &journal, QObject *parent) : QObject(parent), m_journal(journal) {
    connect(&journal, &RequestJournal::stopAsked, this, &RequestRecorder::stop);
}

void RequestRecorder::watch(http::Front &front) {
    connect(&front, &http::Front::taken, this, [this](http::Exchange *exchange) { take(*exchange); });
}

void RequestRecorder::take(http::Exchange &exchange) {
    if (isRepeated(exchange.head().path)) {
        connect(&exchange, &http::Exchange::done, this, [this, &exchange](int status) {
            if (status >= 400) m_journal.end(m_journal.begin(recordOf(exchange)), status);
        });
        return;
    }
    const quint64 id = m_journal.begin(recordOf(exchange));
    m_underWay.insert(id, &exchange);
    connect(&exchange, &http::Exchange::modelNamed, this,
            [this, id](const QString &name) { m_journal.nameModel(id, name.left(longestName)); });
    connect(&exchange, &http::Exchange::tokensMade, this, [this, id](qint64 tokens) { m_journal.addTokens(id, tokens); });
    connect(&exchange, &http::Exchange::done, this, [this, id](int status) {
        m_underWay.remove(id);
        m_journal.end(id, status);
    });
}

void RequestRecorder::stop(quint64 id) {
    if (const auto exchange = m_underWay.value(id))
        exchange->stop({ErrorCode::Cancelled, QStringLiteral("The request was stopped by whoever runs this server."), {}});
}

}  // namespace millm
