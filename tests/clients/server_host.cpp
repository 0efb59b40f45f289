// The whole server in a process of its own, for clients that are no C++: services, engine, a Hub with the sample model.
// Prints "Listening on URL", then serves until its standard input ends.
#include "tests/core/server/server_rig.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTextStream>

#include <unistd.h>

int main(int argc, char **argv) {
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationVersion(QStringLiteral(MILLM_VERSION));
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption key(QStringLiteral("api-key"), QStringLiteral("Wanted of clients."), QStringLiteral("key"));
    const QCommandLineOption origin(QStringLiteral("origin"), QStringLiteral("Allowed by CORS."), QStringLiteral("origin"));
    const QCommandLineOption load(QStringLiteral("load"), QStringLiteral("Load the sample model under this name."),
                                  QStringLiteral("name"));
    const QCommandLineOption folder(QStringLiteral("folder"), QStringLiteral("Load this one instead of the sample model."),
                                    QStringLiteral("folder"), QStringLiteral(MILLM_SAMPLE_MODEL));
    const QCommandLineOption certificate(QStringLiteral("tls-certificate"), QStringLiteral("Serve HTTPS with it."),
                                         QStringLiteral("file"));
    const QCommandLineOption tlsKey(QStringLiteral("tls-key"), QStringLiteral("Its key."), QStringLiteral("file"));
    const QCommandLineOption port(QStringLiteral("port"), QStringLiteral("Listen there."), QStringLiteral("n"),
                                  QStringLiteral("0"));
    const QCommandLineOption pace(QStringLiteral("hub-pace"), QStringLiteral("Bytes a second of the Hub's."),
                                  QStringLiteral("n"), QStringLiteral("0"));
    parser.addOptions({key, origin, load, folder, certificate, tlsKey, port, pace});
    parser.process(app);

    millm::testing::ServerRig rig(
        [&](millm::Settings &settings) {
            settings.corsOrigins = parser.values(origin);
            settings.tlsCertificate = parser.value(certificate);
            settings.tlsKey = parser.value(tlsKey);
            settings.port = parser.value(port).toUShort();
        },
        parser.value(key).toUtf8());
    rig.hub.addRepository(QStringLiteral("somebody/sample"), QStringLiteral(MILLM_SAMPLE_MODEL));
    rig.hub.setThrottle(parser.value(pace).toLongLong());
    if (parser.isSet(load)) rig.load(parser.value(folder), parser.value(load));

    QTextStream(stdout) << "Listening on " << rig.parts->server.url().toString() << Qt::endl;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &app, [&] {
        char byte = 0;
        if (::read(STDIN_FILENO, &byte, 1) <= 0) app.quit();
    });
    return QCoreApplication::exec();
}
