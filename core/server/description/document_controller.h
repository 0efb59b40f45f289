#pragma once

#include <QByteArray>

namespace millm::http {
class Exchange;
}

namespace millm::description {

/// /openapi.json, and /docs, which shows it to a person without anything from elsewhere. Services thread.
class DocumentController {
public:
    DocumentController();

    void openApi(http::Exchange &exchange);
    void page(http::Exchange &exchange);

    /// The OpenAPI document as it is shipped.
    static QByteArray document();

private:
    QByteArray m_page, m_policy;
};

}  // namespace millm::description
