#include "ui/server_controls.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/server_actions.h"
#include "ui/settings_keeper.h"
#include "ui/toast_list.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHostAddress>
#include <QNetworkInterface>
#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace millm {
namespace {

const QString thisMachine = QStringLiteral("127.0.0.1"), everyAddress = QStringLiteral("0.0.0.0");

bool isLoopbackHost(const QString &host) {
    return host == u"localhost" || QHostAddress(host).isLoopback();
}

bool isEveryAddress(const QString &host) {
    const QHostAddress address(host);
    return address == QHostAddress(QHostAddress::AnyIPv4) || address == QHostAddress(QHostAddress::AnyIPv6) ||
           address == QHostAddress(QHostAddress::Any);
}

/// 192 bits that nobody guesses, in letters that survive any shell.
QString newKey() {
    std::array<quint32, 6> bits{};
    QRandomGenerator::system()->fillRange(bits.data(), bits.size());
    const QByteArray bytes(reinterpret_cast<const char *>(bits.data()), sizeof bits);
    return QStringLiteral("ml-") +
           QString::fromLatin1(bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

QList<QHostAddress> networkAddresses() {
    QList<QHostAddress> found;
    for (const QNetworkInterface &card : QNetworkInterface::allInterfaces()) {
        const bool up = card.flags().testFlags(QNetworkInterface::IsUp | QNetworkInterface::IsRunning);
        if (!up || card.flags().testFlag(QNetworkInterface::IsLoopBack)) continue;
        for (const QNetworkAddressEntry &entry : card.addressEntries())
            if (entry.ip().protocol() == QAbstractSocket::IPv4Protocol) found << entry.ip();
    }
    return found;
}

}  // namespace

ServerControls::ServerControls(ServerActions &actions, SettingsKeeper &keeper, ServerState &state, ToastList &toasts,
                               const Start &start, QObject *parent)
    : QObject(parent),
      m_actions(actions),
      m_keeper(keeper),
      m_state(state),
      m_toasts(toasts),
      m_now(start.address),
      m_wanted(start.address),
      m_port(QString::number(start.address.port)),
      m_otherKeys(start.otherKeys) {
    connect(&state, &ServerState::changed, this, &ServerControls::onState);
}

void ServerControls::onState() {
    const bool untouched = !different();
    if (m_state.state() == ServerState::State::Serving) {
        m_now.port = quint16(m_state.url().port(m_now.port));  // it may have been 0, for any
        if (untouched) m_port = QString::number(m_now.port);
    }
    Q_EMIT changed();
}

void ServerControls::setPort(const QString &text) {
    if (text == m_port) return;
    m_port = text;
    Q_EMIT changed();
}

QString ServerControls::portTyped() const {
    return format::latin(m_port.trimmed());
}

QString ServerControls::portError() const {
    bool ok = false;
    const uint port = portTyped().toUInt(&ok);
    return ok && port >= 1 && port <= 65535 ? QString() : tr("A port is a number from 1 to 65535.");
}

void ServerControls::setKey(const QString &key) {
    if (!m_wanted.key || key == *m_wanted.key) return;
    m_wanted.key = key;
    Q_EMIT changed();
}

QString ServerControls::keyError() const {
    if (localNetwork() && key().isEmpty() && m_otherKeys == 0)
        return tr("With other machines let in, a key is needed: everybody on the network could use this one.");
    const QString key = this->key();
    for (const QChar letter : key)
        if (letter.unicode() <= 0x20 || letter.unicode() > 0x7e)
            return tr("A key is letters, digits and signs without blanks.");
    return {};
}

bool ServerControls::localNetwork() const {
    return !isLoopbackHost(m_wanted.host);
}

void ServerControls::setLocalNetwork(bool open) {
    if (open == localNetwork()) return;
    // An address that somebody chose by hand is one of the network's.
    m_wanted.host = !open ? (isLoopbackHost(m_now.host) ? m_now.host : thisMachine)
                          : (isLoopbackHost(m_now.host) ? everyAddress : m_now.host);
    Q_EMIT changed();
}

QString ServerControls::failure() const {
    return m_failure.isEmpty() && m_state.state() == ServerState::State::Error ? m_state.detail() : inWords(m_failure);
}

int ServerControls::otherPort() const {
    return m_wanted.port >= 65535 ? 8000 : std::max(1024, m_wanted.port + 1);
}

bool ServerControls::different() const {
    return m_wanted.host != m_now.host || m_wanted.key != m_now.key || portTyped() != QString::number(m_now.port);
}

QString ServerControls::overridden() const {
    QStringList parts;
    const auto add = [&](const QString &key, const QString &what) {
        if (const QString by = m_keeper.entry(key).setBy; !by.isEmpty()) parts << tr("%1 by %2").arg(what, by);
    };
    add(QStringLiteral("host"), tr("the address"));
    add(QStringLiteral("port"), tr("the port"));
    if (parts.isEmpty()) return {};
    return tr("Set from outside: %1. What is changed here lasts until the program ends.").arg(parts.join(QStringLiteral(", ")));
}

QString ServerControls::keySetBy() const {
    return m_wanted.key ? QString() : m_keeper.entry(QStringLiteral("api-key")).setBy;
}

QString ServerControls::otherKeys() const {
    const int more = m_otherKeys - (m_wanted.key ? 0 : 1);
    return more <= 0 ? QString() : tr("%Ln more key(s) with names of their own are accepted.", nullptr, more);
}

QStringList ServerControls::addresses() const {
    if (m_state.url().isEmpty()) return {};
    if (!isEveryAddress(m_now.host)) return {m_state.url().toString()};
    QStringList list;
    QUrl url = m_state.url();
    url.setHost(thisMachine);
    list << url.toString();
    for (const QHostAddress &address : networkAddresses()) {
        url.setHost(address.toString());
        list << url.toString();
    }
    return list;
}

void ServerControls::makeKey() {
    setKey(newKey());
}

void ServerControls::restart() {
    if (m_busy || !valid()) return;
    m_busy = true;
    m_wanted.port = quint16(portTyped().toUInt());
    m_failure.clear();
    Q_EMIT changed();
    m_actions.restart(m_wanted).then(this, [this, asked = m_wanted](const Result<void> &done) {
        m_busy = false;
        if (done) {
            m_now = asked;
            keep();
            m_toasts.show(ToastList::Kind::Success, tr("The server listens on port %1").arg(asked.port));
        } else {
            m_failure = done.error().message;
        }
        Q_EMIT changed();
    });
}

void ServerControls::keep() {
    const auto keep = [this](const QString &key, const QString &value) {
        const auto entry = m_keeper.entry(key);
        if (!entry.setBy.isEmpty() || entry.value == value) return;
        m_keeper.keep(key, value).then(this, [this](const Result<void> &kept) {
            if (!kept) m_toasts.show(ToastList::Kind::Error, inWords(kept.error()));
        });
    };
    // Never an open address without its key, not even between two writes: the program would not start with that.
    const QString key = m_now.key.value_or(QString());
    if (!key.isEmpty()) keep(QStringLiteral("api-key"), key);
    keep(QStringLiteral("host"), m_now.host == thisMachine ? QString() : m_now.host);
    keep(QStringLiteral("port"), m_now.port == ServerAddress().port ? QString() : QString::number(m_now.port));
    if (key.isEmpty()) keep(QStringLiteral("api-key"), key);
}

void ServerControls::useOtherPort() {
    setPort(QString::number(otherPort()));
    restart();
}

void ServerControls::stop() {
    if (m_busy) return;
    m_busy = true;
    Q_EMIT changed();
    m_actions.stop().then(this, [this] {
        m_busy = false;
        Q_EMIT changed();
    });
}

void ServerControls::copy(const QString &text) {
    QGuiApplication::clipboard()->setText(text);
    m_toasts.show(ToastList::Kind::Info, tr("Copied"));
}

}  // namespace millm
