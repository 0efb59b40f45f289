#include "core/server/description/document_controller.h"

#include "core/server/http/exchange.h"

#include <QCryptographicHash>
#include <QFile>

namespace millm::description {
namespace {

QByteArray resource(const QString &name) {
    QFile file(QStringLiteral(":/millm/openapi/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// 'sha256-…' of what stands between the tags: only that very text may run.
QByteArray sourceHash(const QByteArray &page, const QByteArray &tag) {
    const qsizetype begin = page.indexOf('<' + tag + '>') + tag.size() + 2;
    const QByteArray inner = page.sliced(begin, page.indexOf("</" + tag + '>') - begin);
    return "'sha256-" + QCryptographicHash::hash(inner, QCryptographicHash::Sha256).toBase64() + '\'';
}

}  // namespace

DocumentController::DocumentController() : m_page(resource(QStringLiteral("docs.html"))) {
    m_policy =
        "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src " +
        sourceHash(m_page, "script") + "; style-src " + sourceHash(m_page, "style");
}

QByteArray DocumentController::document() {
    return resource(QStringLiteral("openapi.json"));
}

void DocumentController::openApi(http::Exchange &exchange) {
    exchange.send({.body = document()});
}

void DocumentController::page(http::Exchange &exchange) {
    exchange.send(
        {.contentType = "text/html; charset=utf-8", .body = m_page, .headers = {{"Content-Security-Policy", m_policy}}});
}

}  // namespace millm::description
