#pragma once

#include "core/base/error.h"
#include "core/models/model.h"
#include "ui/error_words.h"
#include "ui/hub_search.h"
#include "ui/preview_view.h"
#include "ui/scheme_list.h"

#include <QObject>
#include <QString>
#include <QUrl>
#include <QtQmlIntegration>

namespace millm {

class ModelActions;
class ToastList;

/// The form that downloads a model: what is typed, what is wrong with it, and the preview. The token stays here, in memory,
/// until the program ends. GUI thread.
class DownloadForm : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(QString repository READ repository WRITE setRepository NOTIFY repositoryChanged FINAL)
    Q_PROPERTY(QString repositoryError READ repositoryError NOTIFY errorsChanged FINAL)
    Q_PROPERTY(QString tokenError READ tokenError NOTIFY errorsChanged FINAL)
    Q_PROPERTY(QString trustError READ trustError NOTIFY errorsChanged FINAL)
    Q_PROPERTY(QString error READ error NOTIFY errorsChanged FINAL)
    Q_PROPERTY(bool valid READ valid NOTIFY repositoryChanged FINAL)
    Q_PROPERTY(int scheme READ scheme WRITE setScheme NOTIFY schemeChanged FINAL)
    Q_PROPERTY(millm::SchemeList *schemes READ schemes CONSTANT FINAL)
    Q_PROPERTY(QString token READ token WRITE setToken NOTIFY tokenChanged FINAL)
    Q_PROPERTY(bool trust READ trust WRITE setTrust NOTIFY trustChanged FINAL)
    Q_PROPERTY(bool previewing READ previewing NOTIFY busyChanged FINAL)
    Q_PROPERTY(bool downloading READ downloading NOTIFY busyChanged FINAL)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged FINAL)
    Q_PROPERTY(millm::PreviewView *preview READ preview CONSTANT FINAL)
    Q_PROPERTY(millm::HubSearch *search READ search CONSTANT FINAL)
    Q_PROPERTY(bool offline READ offline CONSTANT FINAL)
    Q_PROPERTY(QString sampleRepo READ sampleRepo CONSTANT FINAL)
    Q_PROPERTY(QUrl pageUrl READ pageUrl NOTIFY repositoryChanged FINAL)
    Q_PROPERTY(QString repoId READ repoId NOTIFY repositoryChanged FINAL)
public:
    struct Surroundings {
        QUrl hubEndpoint;
        QString sampleRepo;
        bool offline = false;
    };
    DownloadForm(ModelActions &actions, ToastList &toasts, Surroundings surroundings, QObject *parent = nullptr);

    QString repository() const { return m_repository; }  ///< as typed
    void setRepository(const QString &text);
    QString repoId() const { return m_repoId; }  ///< "owner/name"; empty where what is typed is none
    bool valid() const { return !m_repoId.isEmpty(); }
    QString repositoryError() const { return inWords(m_errors.repository); }
    QString tokenError() const { return inWords(m_errors.token); }
    QString trustError() const { return inWords(m_errors.trust); }
    QString error() const { return inWords(m_errors.other); }  ///< of the whole form: disk, network…
    int scheme() const { return m_scheme; }                    ///< row of schemes()
    void setScheme(int row);
    void setUsualScheme(const QString &shortName);  ///< "Q4"; empty or unknown: the table's first
    SchemeList *schemes() { return &m_schemes; }
    QString token() const { return m_token; }
    void setToken(const QString &token);
    bool trust() const { return m_trust; }
    void setTrust(bool trust);
    bool previewing() const { return m_asking == Asking::Preview; }
    bool downloading() const { return m_asking == Asking::Download; }
    bool busy() const { return m_asking != Asking::Nothing; }
    PreviewView *preview() { return &m_preview; }
    HubSearch *search() { return &m_search; }
    bool offline() const { return m_surroundings.offline; }
    QString sampleRepo() const { return m_surroundings.sampleRepo; }
    QUrl pageUrl() const { return m_preview.pageOf(m_repoId); }

    Q_INVOKABLE void askPreview();
    Q_INVOKABLE void download();
    Q_INVOKABLE void fillSample();
    /// A repository's page or name into the box; false where it is neither.
    Q_INVOKABLE bool take(const QString &dropped);
    Q_INVOKABLE void refuseDrop();  ///< what was dropped is of no use: say so
    /// The answer to tokenWanted(): keeps it and does again what was asked.
    Q_INVOKABLE void goOnWithToken(const QString &token);

Q_SIGNALS:
    void repositoryChanged();
    void errorsChanged();
    void schemeChanged();
    void tokenChanged();
    void trustChanged();
    void busyChanged();
    void previewReady();
    void tokenWanted(const QString &repoId, const QString &why);
    void started(const QString &name);

private:
    enum class Asking { Nothing, Preview, Download };
    struct Errors {
        QString repository, token, trust, other;
    };
    void setAsking(Asking asking);
    void setErrors(const Errors &errors);
    void refuse(const Error &error);

    ModelActions &m_actions;
    ToastList &m_toasts;
    Surroundings m_surroundings;
    QString m_repository, m_repoId, m_token;
    int m_scheme = 0;
    bool m_trust = false;
    Asking m_asking = Asking::Nothing, m_refused = Asking::Nothing;
    Errors m_errors;
    SchemeList m_schemes;
    PreviewView m_preview;
    HubSearch m_search;
};

}  // namespace millm
