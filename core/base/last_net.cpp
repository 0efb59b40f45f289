#include "core/base/last_net.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"

#include <QThread>

#include <exception>

namespace millm {

namespace {

/// The text of the exception being handled.
QByteArray thrown() {
    try {
        throw;
    } catch (const std::exception &exception) {
        return exception.what();
    } catch (...) {
        return "something that is no exception";
    }
}

}  // namespace

template <>
Error errorOfFault<Error>(const QString &words) {
    return errors::internal(words);
}

template <>
engine::Error errorOfFault<engine::Error>(const QString &words) {
    return {engine::ErrorCode::Internal, words.toStdString()};
}

void logFault(const char *place) {
    const QByteArray thread = QThread::isMainThread() ? QByteArray("main") : QThread::currentThread()->objectName().toUtf8();
    qCCritical(faultLog, "A fault of the program itself in %s (thread %s): %s", place, thread.constData(),
               thrown().constData());
}

QString faultWords() {
    return QStringLiteral("The program ran into a fault of its own.");
}

}  // namespace millm
