#include "ui/local_form.h"

#include "core/base/errors.h"
#include "core/engine/input/regular_file.h"
#include "ui/error_words.h"
#include "ui/model_actions.h"
#include "ui/packing.h"
#include "ui/toast_list.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace millm {

namespace {

/// What can be seen while typing; whether the weights are whole is the service's to say.
bool looksLikeModel(const QString &path) {
    const QFileInfo folder(path);
    return folder.isAbsolute() && folder.isDir() && QFileInfo::exists(QDir(path).filePath(QStringLiteral("config.json")));
}

/// What its config.json says of how it was quantized.
QString packedForm(const QString &folder) {
    constexpr std::uint64_t limit = 10'000'000;
    const auto text = engine::read_regular_file(QFile::encodeName(folder).toStdString() + "/config.json", limit);
    return text && *text ? packing::form(QString::fromStdString(**text)) : QString();
}

}  // namespace

LocalForm::LocalForm(ModelActions &actions, ToastList &toasts, QObject *parent)
    : QObject(parent), m_actions(actions), m_toasts(toasts) {}

void LocalForm::setPath(const QString &path) {
    if (path == m_path) return;
    m_path = path;
    const QString typed = path.trimmed();
    m_valid = looksLikeModel(typed);
    m_packed = m_valid ? packedForm(typed) : QString();
    setError(typed.isEmpty() || m_valid ? QString() : errors::invalidLocalPath(typed).message);
    Q_EMIT pathChanged();
}

QString LocalForm::packed() const {
    return packing::sentence(m_packed);
}

void LocalForm::setScheme(int row) {
    row = std::clamp(row, 0, m_schemes.rowCount() - 1);
    if (row == m_scheme) return;
    m_scheme = row;
    Q_EMIT schemeChanged();
}

void LocalForm::setTrust(bool trust) {
    if (trust == m_trust) return;
    m_trust = trust;
    Q_EMIT trustChanged();
}

QUrl LocalForm::startFolder() const {
    QString folder = m_path.trimmed();
    while (!folder.isEmpty() && folder != QStringLiteral("/") && !QFileInfo(folder).isDir()) folder = QFileInfo(folder).path();
    return QUrl::fromLocalFile(QDir::isAbsolutePath(folder) ? folder : QDir::homePath());
}

bool LocalForm::take(const QUrl &dropped) {
    const QFileInfo info(dropped.toLocalFile());
    if (!dropped.isLocalFile() || !info.exists()) return false;
    setPath(info.isDir() ? info.absoluteFilePath() : info.absolutePath());
    return true;
}

void LocalForm::choose(const QUrl &folder) {
    setPath(QDir::toNativeSeparators(folder.toLocalFile()));
}

void LocalForm::add() {
    if (!m_valid || m_busy) return;
    setError({});
    setBusy(true);
    const LocalRequest request{
        .path = QDir::cleanPath(m_path.trimmed()), .quantization = m_schemes.scheme(m_scheme), .trustRemoteCode = m_trust};
    m_actions.addLocal(request).then(this, [this](const Result<Model> &result) {
        setBusy(false);
        if (!result.ok()) {
            setError(result.error().message);
            return;
        }
        m_toasts.show(ToastList::Kind::Success, tr("%1 added").arg(result.value().name));
        setPath({});
        setTrust(false);
        Q_EMIT added();
    });
}

void LocalForm::setError(const QString &error) {
    m_error = error;
    Q_EMIT errorChanged();
}

void LocalForm::setBusy(bool busy) {
    m_busy = busy;
    Q_EMIT busyChanged();
}

}  // namespace millm
