#include "ui/server_state.h"

#include "ui/error_words.h"

#include <utility>

namespace millm {

QString ServerState::label() const {
    switch (m_state) {
        case State::Stopped:
            return tr("Stopped");
        case State::Starting:
            return tr("Starting");
        case State::Serving:
            return tr("Serving");
        case State::Error:
            return tr("Error");
    }
    Q_UNREACHABLE_RETURN({});
}

QString ServerState::detail() const {
    switch (m_state) {
        case State::Stopped:
            return tr("The HTTP server does not run.");
        case State::Starting:
            return tr("The HTTP server is starting.");
        case State::Serving:
            return tr("Clients reach this program at %1").arg(m_url.toString());
        case State::Error:
            return inWords(m_error);
    }
    Q_UNREACHABLE_RETURN({});
}

void ServerState::setStarting() {
    become(State::Starting, {}, {});
}

void ServerState::setServing(const QUrl &url, bool apiKeyRequired) {
    m_apiKeyRequired = apiKeyRequired;
    become(State::Serving, url, {});
}

void ServerState::setStopped() {
    become(State::Stopped, {}, {});
}

void ServerState::setError(const QString &why) {
    become(State::Error, {}, why);
}

void ServerState::become(State state, const QUrl &url, const QString &error) {
    m_state = state;
    m_url = url;
    m_error = error;
    Q_EMIT changed();
    Q_EMIT wordsChanged();
}

}  // namespace millm
