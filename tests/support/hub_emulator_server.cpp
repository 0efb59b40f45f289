// A Hub of one's own for tests that are no C++: repositories from folders, tokens, access and faults from the command line.
#include "tests/support/hub_faults.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>
#include <QTextStream>

namespace {

using namespace millm;
using namespace millm::testing;

/// "spoiler@path-regex@count", the last two optional: "drop:0.7@model.safetensors@2". With "cdn!" or "hub!" before it for one
/// listener only.
bool addFault(HubEmulator &hub, QString text) {
    HubFault fault;
    if (text.startsWith(QLatin1StringView("cdn!"))) fault.listener = LocalHub::Listener::Cdn;
    if (text.startsWith(QLatin1StringView("hub!"))) fault.listener = LocalHub::Listener::Hub;
    if (fault.listener) text = text.mid(4);
    const QStringList parts = text.split(QLatin1Char('@'));
    fault.spoil = faults::byName(parts[0]);
    if (!fault.spoil) return false;
    if (parts.size() > 1 && !parts[1].isEmpty()) fault.path = parts[1];
    if (parts.size() > 2) fault.count = parts[2].toInt();
    hub.addFault(fault);
    return true;
}

int fail(const QString &words) {
    QTextStream(stderr) << words << Qt::endl;
    return 2;
}

}  // namespace

int main(int argc, char **argv) {
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Serves folders by the Hub's protocol, with faults."));
    parser.addHelpOption();
    const auto option = [&](const char *name, const char *help, const char *value) {
        const QCommandLineOption made(QString::fromLatin1(name), QString::fromLatin1(help), QString::fromLatin1(value));
        parser.addOption(made);
        return made;
    };
    const auto port = option("port", "Port of the Hub (default: a free one).", "number");
    const auto repository = option("repo", "A repository: id=folder.", "id=folder");
    const auto hidden = option("private", "Only --grant sees this repository.", "id");
    const auto gated = option("gated", "Only --grant reads this repository's files.", "id");
    const auto disabled = option("disabled", "A repository that the Hub has disabled.", "id");
    const auto renamed = option("renamed", "A repository's former name: old=new.", "old=new");
    const auto token = option("token", "A valid token.", "token");
    const auto expired = option("expired-token", "An expired token.", "token");
    const auto grant = option("grant", "Access: token=id.", "token=id");
    const auto throttle = option("throttle", "Bytes a second of every answer.", "bytes");
    const auto fault = option("fault", "[cdn!|hub!]fault[:value][@path[@count]]; --list-faults names them.", "fault");
    const QCommandLineOption list(QStringLiteral("list-faults"), QStringLiteral("Names all faults."));
    parser.addOption(list);
    parser.process(app);
    QTextStream out(stdout);
    if (parser.isSet(list)) {
        out << faults::names().join(QLatin1Char('\n')) << Qt::endl;
        return 0;
    }
    HubEmulator hub(parser.value(port).toUShort());
    if (hub.endpoint().isEmpty()) return fail(QStringLiteral("cannot listen on port ") + parser.value(port));
    QHash<QString, HubAccess> access;
    for (const QString &id : parser.values(hidden)) access[id].isPrivate = true;
    for (const QString &id : parser.values(gated)) access[id].gated = QStringLiteral("manual");
    for (const QString &id : parser.values(disabled)) access[id].disabled = true;
    for (const QString &text : parser.values(token)) hub.addToken(text.toLatin1());
    for (const QString &text : parser.values(expired)) hub.addToken(text.toLatin1(), {QStringLiteral("old"), true});
    for (const QString &text : parser.values(grant)) {
        hub.addToken(text.section(QLatin1Char('='), 0, 0).toLatin1());
        access[text.section(QLatin1Char('='), 1)].grants.insert(text.section(QLatin1Char('='), 0, 0).toLatin1());
    }
    for (const QString &text : parser.values(repository)) {
        const QString folder = text.section(QLatin1Char('='), 1);
        if (!QFileInfo(folder).isDir()) return fail(QStringLiteral("no such folder: ") + folder);
        hub.addRepository(text.section(QLatin1Char('='), 0, 0), folder);
    }
    for (auto entry = access.cbegin(); entry != access.cend(); ++entry) hub.setAccess(entry.key(), entry.value());
    for (const QString &text : parser.values(renamed))
        hub.rename(text.section(QLatin1Char('='), 0, 0), text.section(QLatin1Char('='), 1));
    for (const QString &text : parser.values(fault)) {
        if (!addFault(hub, text)) return fail(QStringLiteral("no such fault: ") + text);
    }
    hub.setThrottle(parser.value(throttle).toLongLong());
    out << "Hub emulator on " << hub.endpoint().toString() << Qt::endl;
    return app.exec();
}
