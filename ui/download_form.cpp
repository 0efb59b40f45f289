#include "ui/download_form.h"

#include "ui/error_words.h"
#include "ui/model_actions.h"
#include "ui/toast_list.h"

#include <algorithm>
#include <utility>

namespace millm {

DownloadForm::DownloadForm(ModelActions &actions, ToastList &toasts, Surroundings surroundings, QObject *parent)
    : QObject(parent),
      m_actions(actions),
      m_toasts(toasts),
      m_surroundings(std::move(surroundings)),
      m_preview(m_surroundings.hubEndpoint),
      m_search(actions, m_surroundings.offline) {}

void DownloadForm::setRepository(const QString &text) {
    if (text == m_repository) return;
    m_repository = text;
    Errors errors;
    QString id;
    if (!text.trimmed().isEmpty()) {
        const auto normal = m_actions.normaliseRepoId(text);
        if (normal.ok())
            id = normal.value();
        else
            errors.repository = normal.error().message;
    }
    // What was seen of another repository says nothing about this one.
    if (id != m_preview.repoId()) m_schemes.clearPreview();
    m_repoId = id;
    setErrors(errors);
    Q_EMIT repositoryChanged();
}

void DownloadForm::setUsualScheme(const QString &shortName) {
    int row = 0;
    while (row < m_schemes.rowCount() && m_schemes.shortName(row) != shortName) ++row;
    setScheme(row < m_schemes.rowCount() ? row : 0);
}

void DownloadForm::setScheme(int row) {
    row = std::clamp(row, 0, m_schemes.rowCount() - 1);
    if (row == m_scheme) return;
    m_scheme = row;
    Q_EMIT schemeChanged();
}

void DownloadForm::setToken(const QString &token) {
    if (token == m_token) return;
    m_token = token;
    if (!m_errors.token.isEmpty()) setErrors({});
    Q_EMIT tokenChanged();
}

void DownloadForm::setTrust(bool trust) {
    if (trust == m_trust) return;
    m_trust = trust;
    if (!m_errors.trust.isEmpty()) setErrors({});
    Q_EMIT trustChanged();
}

void DownloadForm::askPreview() {
    if (!valid() || busy()) return;
    setErrors({});
    setAsking(Asking::Preview);
    m_actions.preview(m_repoId, m_token.trimmed()).then(this, [this, asked = m_repoId](const Result<ModelPreview> &result) {
        setAsking(Asking::Nothing);
        if (asked != m_repoId) return;  // something else is typed by now
        if (!result.ok()) {
            m_refused = Asking::Preview;
            refuse(result.error());
            return;
        }
        m_preview.setPreview(result.value());
        m_schemes.setPreview(result.value());
        Q_EMIT previewReady();
    });
}

void DownloadForm::download() {
    if (!valid() || busy()) return;
    setErrors({});
    setAsking(Asking::Download);
    const DownloadRequest request{
        .repoId = m_repoId, .quantization = m_schemes.scheme(m_scheme), .trustRemoteCode = m_trust, .token = m_token.trimmed()};
    m_actions.download(request).then(this, [this, asked = m_repoId](const Result<Model> &result) {
        setAsking(Asking::Nothing);
        if (result.ok()) {
            if (asked == m_repoId) setRepository({});
            setTrust(false);  // an opt-in counts for one download
            Q_EMIT started(result.value().name);
        } else if (asked == m_repoId) {
            m_refused = Asking::Download;
            refuse(result.error());
        } else {
            m_toasts.show(ToastList::Kind::Error, inWords(result.error()));
        }
    });
}

void DownloadForm::fillSample() {
    setRepository(m_surroundings.sampleRepo);
}

bool DownloadForm::take(const QString &dropped) {
    QString text = dropped.trimmed();
    // The pages of a mirror too.
    const QString hub = m_surroundings.hubEndpoint.toString() + u'/';
    if (!m_surroundings.hubEndpoint.isEmpty() && text.startsWith(hub))
        text = text.mid(hub.size()).section(u'/', 0, 1).section(u'?', 0, 0).section(u'#', 0, 0);
    const auto normal = m_actions.normaliseRepoId(text);
    if (!normal.ok()) return false;
    m_search.close();
    setRepository(normal.value());
    return true;
}

void DownloadForm::refuseDrop() {
    m_toasts.show(ToastList::Kind::Warning, tr("That is neither a folder of this machine nor a model's page on the Hub."));
}

void DownloadForm::goOnWithToken(const QString &token) {
    setToken(token);
    if (m_refused == Asking::Preview) askPreview();
    if (m_refused == Asking::Download) download();
}

void DownloadForm::refuse(const Error &error) {
    Errors errors;
    switch (error.code) {
        case ErrorCode::InvalidRepoId:
        case ErrorCode::RepoNotFound:
        case ErrorCode::ModelAlreadyExists:
        case ErrorCode::UnsupportedModel:
            errors.repository = error.message;
            break;
        case ErrorCode::GatedModelNoToken:
        case ErrorCode::InvalidHfToken:
            errors.token = error.message;
            break;
        case ErrorCode::RemoteCodeRequired:
            errors.trust = error.message;
            break;
        default:
            errors.other = error.message;
    }
    setErrors(errors);
    if (!errors.token.isEmpty()) Q_EMIT tokenWanted(m_repoId, inWords(error));
}

void DownloadForm::setAsking(Asking asking) {
    m_asking = asking;
    Q_EMIT busyChanged();
}

void DownloadForm::setErrors(const Errors &errors) {
    m_errors = errors;
    Q_EMIT errorsChanged();
}

}  // namespace millm
