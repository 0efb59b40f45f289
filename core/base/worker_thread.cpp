#include "core/base/worker_thread.h"

namespace millm {

WorkerThread::WorkerThread(const QString &name) : m_context(new QObject) {
    m_thread.setObjectName(name);
    m_context->moveToThread(&m_thread);
    m_thread.start();
}

WorkerThread::~WorkerThread() {
    // Behind whatever is queued already.
    QMetaObject::invokeMethod(
        m_context,
        [this] {
            delete m_context;
            m_thread.quit();
        },
        Qt::QueuedConnection);
    m_thread.wait();
}

}  // namespace millm
