#include "app/services.h"

#include "core/base/futures.h"
#include "core/base/log_categories.h"

#include <QEventLoop>
#include <QTimer>

namespace millm {
ServiceThread::ServiceThread(const Settings &settings) : m_settings(settings), m_context(std::make_unique<QObject>()) {
    m_thread.setObjectName(QStringLiteral("services"));
    m_context->moveToThread(&m_thread);
    m_thread.start();
    QMetaObject::invokeMethod(
        m_context.get(), [this] { m_parts = std::make_unique<Services>(m_settings); }, Qt::BlockingQueuedConnection);
}

ServiceThread::~ServiceThread() {
    QMetaObject::invokeMethod(
        m_context.get(),
        [this] {
            // A loop of its own, so that what ends by events can end; the clock is the last word.
            QEventLoop loop;
            QTimer::singleShot(shutDownSeconds * 1000, &loop, [&loop] {
                qCWarning(appLog, "Shutting down took longer than %d s: what is left is cut", shutDownSeconds);
                loop.quit();
            });
            // Both at once, so that neither eats the other's time: requests under way end within the grace of the model's
            // unloading. Where nothing is under way all of it ends right here, before the loop is entered.
            int left = 2;
            const auto end = [&] {
                if (--left == 0) loop.quit();
            };
            m_parts->server.shutDown(shutDownSeconds - 1).then(&loop, end).onCanceled(&loop, end);
            m_parts->models.shutDown().then(&loop, end).onCanceled(&loop, end);
            if (left > 0) loop.exec();
            m_parts.reset();
            m_context.release()->deleteLater();
        },
        Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

QFuture<ServiceThread::Started> ServiceThread::start() {
    return runOn(m_context.get(), [this]() -> QFuture<Started> {
        m_parts->system.start();
        // What is to follow goes with the parts, where they are taken down before it comes.
        QObject *context = &m_parts->server;
        return m_parts->database.open()
            .then(context,
                  [this, context](const Result<void> &opened) -> QFuture<Started> {
                      if (!opened) return resolved(Started{Stage::Database, opened.error(), {}});
                      return m_parts->models.start().then(context, [this](const Result<void> &read) {
                          if (!read) return Started{Stage::Models, read.error(), {}};
                          const Result<quint16> port = m_parts->server.listen();
                          if (!port) return Started{Stage::Server, port.error(), {}};
                          return Started{Stage::Server, std::nullopt, m_parts->server.url()};
                      });
                  })
            .unwrap();
    });
}

}  // namespace millm
