#pragma once

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

#include <csignal>

namespace millm::testing {

/// How a program ended: -1 where it did not by itself.
struct Ended {
    int status = -1;
    QByteArray out;
    QJsonObject data() const { return QJsonDocument::fromJson(out).object().value(QLatin1StringView("data")).toObject(); }
};

inline Ended run(const QString &program, const QStringList &arguments) {
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(240'000)) process.kill();
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAll()};
}

inline Ended curl(const QStringList &arguments) {
    return run(QStringLiteral("curl"),
               QStringList{QStringLiteral("-sS"), QStringLiteral("--noproxy"), QStringLiteral("*")} + arguments);
}

inline Ended post(const QString &url, const QJsonObject &body) {
    return curl({QStringLiteral("-H"), QStringLiteral("Content-Type: application/json"), QStringLiteral("--data-binary"),
                 QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact)), url});
}

/// `millm serve` in a home of its own, on a free port and without a Hub.
class ServedProgram : public QProcess {
public:
    ServedProgram(const QString &home, const QStringList &options) {
        QProcessEnvironment environment;
        for (const char *name : {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"})
            if (qEnvironmentVariableIsSet(name)) environment.insert(QString::fromLatin1(name), qEnvironmentVariable(name));
        environment.insert(QStringLiteral("HOME"), home);
        environment.insert(QStringLiteral("HF_HUB_OFFLINE"), QStringLiteral("1"));
        setProcessEnvironment(environment);
        setWorkingDirectory(home);
        setProgram(QStringLiteral(MILLM_PROGRAM));
        setArguments(QStringList{QStringLiteral("serve"), QStringLiteral("--port"), QStringLiteral("0"),
                                 QStringLiteral("--device"), QStringLiteral("cpu"), QStringLiteral("--data-dir"),
                                 QDir(home).filePath(QStringLiteral("data"))} +
                     options);
    }
    ~ServedProgram() override {
        if (state() != NotRunning) kill();
        waitForFinished();
    }
    /// Lets it have a Hub instead.
    void useHub(const QUrl &endpoint) {
        QProcessEnvironment environment = processEnvironment();
        environment.remove(QStringLiteral("HF_HUB_OFFLINE"));
        environment.insert(QStringLiteral("HF_ENDPOINT"), endpoint.toString());
        setProcessEnvironment(environment);
    }

    /// The address that it prints.
    QString start() {
        QProcess::start();
        QByteArray line;
        while (!line.endsWith('\n') && waitForReadyRead(120'000)) line += readLine();
        return QString::fromUtf8(line).remove(QStringLiteral("Listening on ")).trimmed();
    }
    /// Tells it to end; whether it does so by itself and says that all is well.
    bool end() {
        ::kill(pid_t(processId()), SIGTERM);
        return waitForFinished(60'000) && exitStatus() == NormalExit && exitCode() == 0;
    }
};

}  // namespace millm::testing
