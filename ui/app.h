#pragma once

#include "core/base/error.h"
#include "core/models/model.h"
#include "ui/appearance.h"
#include "ui/chat.h"
#include "ui/closing.h"
#include "ui/desktop_notifier.h"
#include "ui/download_form.h"
#include "ui/gathering.h"
#include "ui/language.h"
#include "ui/load_form.h"
#include "ui/loadable_models.h"
#include "ui/local_form.h"
#include "ui/model_filter.h"
#include "ui/model_list.h"
#include "ui/server_panel.h"
#include "ui/server_state.h"
#include "ui/settings_form.h"
#include "ui/system_status.h"
#include "ui/toast_list.h"
#include "ui/tray_host.h"

#include <QObject>
#include <QUrl>
#include <QtQmlIntegration>

namespace millm {

class ChatBackend;
class ConversationRepository;
class ModelActions;

/// What the pages of the server and of the settings stand on. All of it outlives the window's objects.
struct ProgramParts {
    ServerActions &server;
    SettingsKeeper &settings;
    RequestJournal &requests;
    const LogHistory &log;
};

/// What the window is told at start.
struct AppOptions {
    bool demo = false;     ///< a built-in Hub with one small model stands in for the real one
    bool offline = false;  ///< Settings::hubOffline
    QString sampleRepo = QStringLiteral("HuggingFaceTB/SmolLM2-135M-Instruct");  ///< what the empty list offers to try
    QUrl hubEndpoint;                         ///< of the links to a model's page; no trailing slash
    QString trouble;                          ///< what is wrong with this start, though it goes on; empty: nothing
    ServerAddress address{.key = QString()};  ///< where the server is to listen at the start
    int otherKeys = 0;                        ///< that clients may send beside that of `address`
    QString settingsFile;                     ///< INI file that keeps the choice of theme and language; empty = it is not kept
};

/// Everything the window shows, one object: the root QML file gets it, pages get their own view model of it. GUI thread.
///
/// Wiring, in the composition root:
///     ServerState server;                       // fed by the HTTP server's owner
///     ServiceLink link(models, search, inference, system);
///     ConversationRepository conversations(database);
///     App app(link, link.chat(), conversations, server, {serverLink, settingsStore, requests, log}, options);
///     link.feed(app);
///     loadWindow(engine, app);                  // qml/window.h
class App : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(millm::ModelList *models READ models CONSTANT FINAL)
    Q_PROPERTY(millm::ModelFilter *shownModels READ shownModels CONSTANT FINAL)
    Q_PROPERTY(millm::LoadableModels *loadableModels READ loadableModels CONSTANT FINAL)
    Q_PROPERTY(millm::DownloadForm *downloadForm READ downloadForm CONSTANT FINAL)
    Q_PROPERTY(millm::LocalForm *localForm READ localForm CONSTANT FINAL)
    Q_PROPERTY(millm::LoadForm *loadForm READ loadForm CONSTANT FINAL)
    Q_PROPERTY(millm::SystemStatus *system READ system CONSTANT FINAL)
    Q_PROPERTY(millm::ServerState *server READ server CONSTANT FINAL)
    Q_PROPERTY(millm::TrayHost *tray READ tray CONSTANT FINAL)
    Q_PROPERTY(millm::Closing *closing READ closing CONSTANT FINAL)
    Q_PROPERTY(millm::ServerPanel *serverPanel READ serverPanel CONSTANT FINAL)
    Q_PROPERTY(millm::SettingsForm *settings READ settings CONSTANT FINAL)
    Q_PROPERTY(millm::Gathering *gathering READ gathering CONSTANT FINAL)
    Q_PROPERTY(millm::Chat *chat READ chat CONSTANT FINAL)
    Q_PROPERTY(millm::ToastList *toasts READ toasts CONSTANT FINAL)
    Q_PROPERTY(millm::Appearance *appearance READ appearance CONSTANT FINAL)
    Q_PROPERTY(millm::Language *language READ language CONSTANT FINAL)
    Q_PROPERTY(bool demo READ demo CONSTANT FINAL)
    Q_PROPERTY(QString trouble READ trouble CONSTANT FINAL)
public:
    App(ModelActions &actions, ChatBackend &chat, ConversationRepository &conversations, ServerState &server,
        const ProgramParts &parts, AppOptions options, QObject *parent = nullptr);
    ~App() override;

    ModelList *models() { return &m_models; }
    ModelFilter *shownModels() { return &m_shownModels; }
    LoadableModels *loadableModels() { return &m_loadableModels; }
    DownloadForm *downloadForm() { return &m_downloadForm; }
    LocalForm *localForm() { return &m_localForm; }
    LoadForm *loadForm() { return &m_loadForm; }
    SystemStatus *system() { return &m_system; }
    ServerState *server() { return &m_server; }
    TrayHost *tray() { return &m_tray; }
    Closing *closing() { return &m_closing; }
    ServerPanel *serverPanel() { return &m_serverPanel; }
    SettingsForm *settings() { return &m_settings; }
    Gathering *gathering() { return &m_gathering; }
    Chat *chat() { return &m_chat; }
    ToastList *toasts() { return &m_toasts; }
    Appearance *appearance() { return &m_appearance; }
    Language *language() { return &m_language; }
    bool demo() const { return m_options.demo; }
    QString trouble() const { return m_options.trouble; }

public Q_SLOTS:
    // What ended, told to the person in a toast; the rows themselves come through models().
    void onModelUpdated(const millm::Model &model);
    void onDownloadCompleted(const millm::Model &model);
    void onDownloadFailed(qint64 id, const millm::Error &error);
    void onLoadCompleted(const millm::Model &model);
    void onLoadFailed(qint64 id, const millm::Error &error);
    void onUnloadCompleted(const millm::Model &model);
    /// The services could not start: the list shows its error face.
    void onStartFailed(const millm::Error &error);

private:
    void tell(qint64 id, ToastList::Kind kind, const QString &text);

    AppOptions m_options;
    ServerState &m_server;
    ToastList m_toasts;
    ModelList m_models;
    ModelFilter m_shownModels;
    LoadableModels m_loadableModels;
    DownloadForm m_downloadForm;
    LocalForm m_localForm;
    LoadForm m_loadForm;
    SystemStatus m_system;
    TrayHost m_tray;
    Closing m_closing;
    DesktopNotifier m_notifier;
    ServerPanel m_serverPanel;
    SettingsForm m_settings;
    Gathering m_gathering;
    Chat m_chat;
    Appearance m_appearance;
    Language m_language;
};

}  // namespace millm
