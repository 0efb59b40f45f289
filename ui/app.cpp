#include "ui/app.h"

#include "ui/chat_backend.h"
#include "ui/error_words.h"
#include "ui/model_actions.h"

#include <utility>

namespace millm {

App::App(ModelActions &actions, ChatBackend &chat, ConversationRepository &conversations, ServerState &server,
         const ProgramParts &parts, AppOptions options, QObject *parent)
    : QObject(parent),
      m_options(std::move(options)),
      m_server(server),
      m_models(actions, server, m_toasts),
      m_shownModels(m_models),
      m_loadableModels(m_models),
      m_downloadForm(actions, m_toasts,
                     {.hubEndpoint = m_options.hubEndpoint, .sampleRepo = m_options.sampleRepo, .offline = m_options.offline}),
      m_localForm(actions, m_toasts),
      m_loadForm(actions, m_models, m_toasts),
      m_closing(m_models),
      m_serverPanel(parts.server, parts.settings, server, m_toasts, parts.requests, parts.log,
                    {m_options.address, m_options.otherKeys}),
      m_settings(parts.settings, m_models),
      m_gathering(actions, m_models),
      m_chat(chat, conversations, m_toasts),
      m_appearance(m_options.settingsFile),
      m_language(m_options.settingsFile) {
    m_models.setHubEndpoint(m_options.hubEndpoint);
    const auto usual = [this] { m_downloadForm.setUsualScheme(m_settings.defaultQuantization()); };
    connect(&m_settings, &SettingsForm::defaultQuantizationChanged, this, usual);
    usual();
    const auto scaled = [this] { m_appearance.setChosenScale(m_settings.scale()); };
    connect(&m_settings, &SettingsForm::scaleChanged, this, scaled);
    scaled();
    connect(&m_settings, &SettingsForm::folderChanged, &m_gathering, &Gathering::refresh);
    const auto named = [this] { m_serverPanel.setModelName(m_models.loadedName()); };
    connect(&m_models, &ModelList::loadedNameChanged, this, named);
}

App::~App() = default;

void App::onModelUpdated(const Model &model) {
    if (model.state == ModelState::Downloading || model.state == ModelState::Loading) m_notifier.begun(model.id);
}

void App::tell(qint64 id, ToastList::Kind kind, const QString &text) {
    m_toasts.show(kind, text);
    m_notifier.ended(id, text);
}

void App::onDownloadCompleted(const Model &model) {
    tell(model.id, ToastList::Kind::Success, tr("%1 is downloaded and ready to load").arg(model.name));
}

void App::onDownloadFailed(qint64 id, const Error &error) {
    // A cancelled download is what the person asked for.
    if (error.code == ErrorCode::Cancelled)
        m_notifier.forget(id);
    else
        tell(id, ToastList::Kind::Error, m_models.about(id, inWords(error)));
}

void App::onLoadCompleted(const Model &model) {
    tell(model.id, ToastList::Kind::Success, tr("%1 is loaded").arg(model.name));
}

void App::onLoadFailed(qint64 id, const Error &error) {
    if (error.code == ErrorCode::Cancelled)
        m_notifier.forget(id);
    else
        tell(id, ToastList::Kind::Error, m_models.about(id, inWords(error)));
}

void App::onUnloadCompleted(const Model &model) {
    m_toasts.show(ToastList::Kind::Info, tr("%1 is unloaded").arg(model.name));
}

void App::onStartFailed(const Error &error) {
    m_models.setFailure(error.message);
}

}  // namespace millm
