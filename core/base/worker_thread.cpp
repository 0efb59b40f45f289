#include "core/base/worker_thread.h"

#include "core/base/background.h"

namespace millm {

WorkerThread::WorkerThread(const QString &name, Work work) : m_context(new QObject) {
    m_thread.setObjectName(name);
    m_context->moveToThread(&m_thread);
    m_thread.start();
    if (work == Work::Computing) QMetaObject::invokeMethod(m_context, &background::enter, Qt::QueuedConnection);
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
