#include "app/command_line.h"
#include "app/demo.h"
#include "app/inspect.h"
#include "app/instance_lock.h"
#include "app/services.h"
#include "app/unix_signals.h"
#include "core/base/background.h"
#include "core/base/database_url.h"
#include "core/base/guarded_application.h"
#include "core/base/log_history.h"
#include "core/base/logging.h"
#include "core/base/writable_folder.h"
#ifdef MILLM_DESKTOP
#include "app/window.h"
#include "ui/language.h"
#include "ui/translations.h"

#include <QGuiApplication>
#include <QIcon>
#endif

#include <QCoreApplication>
#include <QFileInfo>
#include <QTextStream>

#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>

using namespace millm;

namespace {

volatile std::sig_atomic_t endStatus = 0;

/// The end of the program has a limit of its own: a task that nothing can interrupt must not keep it.
int endSoon(int status) {
    endStatus = status;
    std::signal(SIGALRM, [](int) {
        constexpr std::string_view words = "millm: the end took five seconds: what is left is cut\n";
        pollfd log{STDERR_FILENO, POLLOUT, 0};
        if (::poll(&log, 1, 0) == 1 && (log.revents & POLLOUT) != 0)  // nobody may be reading
            std::ignore = ::write(STDERR_FILENO, words.data(), words.size());
        ::_exit(endStatus);
    });
    constexpr itimerval limit{{}, {ServiceThread::shutDownSeconds, 800'000}};  // of the five seconds that all of it may take
    ::setitimer(ITIMER_REAL, &limit, nullptr);
    return status;
}

int serve(const Settings &settings) {
    ServiceThread services(settings);
    UnixSignals signals;
    QObject::connect(&signals, &UnixSignals::terminate, qApp, &QCoreApplication::quit);
    services.start().then(qApp, [](const ServiceThread::Started &started) {
        if (started.error) {
            QTextStream(stderr) << "millm: " << started.error->message << Qt::endl;
            QCoreApplication::exit(1);
            return;
        }
        QTextStream(stdout) << "Listening on " << started.url.toString() << Qt::endl;
    });
    return endSoon(QCoreApplication::exec());
}

#ifdef MILLM_DESKTOP
int showWindow(const Settings &settings, const WindowOptions &options, InstanceLock &lock) {
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.millm.miLLM"));
    QGuiApplication::setWindowIcon(QIcon::fromTheme(QStringLiteral("millm")));
    // A window that is put away leaves the program running; how it ends is said in qml/Main.qml.
    QGuiApplication::setQuitOnLastWindowClosed(false);
    // Before the window, which a loaded machine makes for seconds. quit() would ask it, and it the person.
    auto signals = std::make_unique<UnixSignals>();
    QObject::connect(signals.get(), &UnixSignals::terminate, qApp, [] { QCoreApplication::exit(0); });
    background::giveWay();
    ServiceThread services(settings);
    Window window(settings, options, services);
    if (!window.root()) {
        QTextStream(stderr) << "millm: the window could not be made" << Qt::endl;
        return 1;
    }
    QObject::connect(&lock, &InstanceLock::knocked, qApp, [&window] { window.raise(); });
    const int status = endSoon(QCoreApplication::exec());
    signals.reset();  // a second one ends what the first did not
    return status;
}
#endif

/// What a person is told where the program cannot keep anything: it starts nevertheless, since deleting models may be the cure.
QString troubleWith(const Settings &settings) {
    const Result<DatabaseUrl> url = parseDatabaseUrl(settings.databaseUrl);
    if (!url || url->kind != DatabaseUrl::Kind::Sqlite || url->file == QStringLiteral(":memory:")) return {};
    const QString folder = QFileInfo(url->file).path(), why = whyNotWritable(folder);
    if (why.isEmpty()) return {};
    return QCoreApplication::translate("millm",
                                       "The data directory %1 cannot be written: %2. Changes are not kept until it can.")
        .arg(folder, why);
}

/// A client of events or of a stream holds its connection open: the usual soft limit of 1024 files is soon reached.
void raiseFileLimit() {
    constexpr rlim_t enough = 65536;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= enough) return;
    files.rlim_cur = std::min(files.rlim_max, enough);
    (void)::setrlimit(RLIMIT_NOFILE, &files);
}

/// Without an application, whose kind depends on the call: one that lived only for this would, at its end, take along what
/// Qt Quick registered when it was loaded, and screen readers would find an empty program.
Outcome<Invocation, Exit> understand(int argc, char **argv) {
    QStringList arguments;
    for (int i = 0; i < argc; ++i) arguments << QString::fromLocal8Bit(argv[i]);
    return parseCommandLine(arguments, Surroundings::ofThisProcess());
}

}  // namespace

int main(int argc, char **argv) {
    // GLib's event loop is several times slower with many sockets than Qt's own.
    qputenv("QT_NO_GLIB", "1");
    raiseFileLimit();
    QCoreApplication::setApplicationName(QStringLiteral("miLLM"));
    QCoreApplication::setApplicationVersion(QStringLiteral(MILLM_VERSION));

    Outcome<Invocation, Exit> understood = understand(argc, argv);
    if (!understood) {
        QTextStream(understood.error().status == 0 ? stdout : stderr) << understood.error().text;
        return understood.error().status;
    }
    Invocation invocation = std::move(understood).value();

    bool window = invocation.verb == Invocation::Verb::Window;
#ifdef MILLM_DESKTOP
    if (window && !hasDisplay()) {
        QTextStream(stderr) << "millm: no display here, serving without a window (`millm serve` says so itself)" << Qt::endl;
        window = false;
    }
    const std::unique_ptr<QCoreApplication> application(
        window ? static_cast<QCoreApplication *>(new Guarded<QGuiApplication>(argc, argv))
               : new Guarded<QCoreApplication>(argc, argv));
#else
    if (window) QTextStream(stderr) << "millm: built without a window, serving" << Qt::endl;
    window = false;
    const Guarded<QCoreApplication> application(argc, argv);
#endif

    std::unique_ptr<Demo> demo;
    if (invocation.demo) {
        demo = Demo::start(invocation.settings);
        if (!demo) {
            QTextStream(stderr) << "millm: the demo's sample model is missing: " << Demo::sampleModelFolder() << Qt::endl;
            return 1;
        }
    }
    const Settings &settings = invocation.settings;
    const auto log = window ? std::make_shared<LogHistory>() : nullptr;
    installLogging(logLevelFrom(settings.logLevel).value(), logFormatFrom(settings.logFormat).value(), {settings.hfToken}, log);
    if (invocation.verb == Invocation::Verb::Inspect) return inspect(settings, invocation.inspect);
#ifdef MILLM_DESKTOP
    std::optional<Translations> translations;
    if (window) translations.emplace(Language::remembered(windowSettingsFile(settings, invocation.demo)));
#endif
    InstanceLock lock(invocation.settings.dataDir);
    if (const QString taken = lock.acquire(); !taken.isEmpty()) {
        QTextStream(stderr) << "millm: " << taken << Qt::endl;
        if (window) lock.knock();
        return 1;
    }
    const QString trouble = troubleWith(settings);
    if (!trouble.isEmpty()) QTextStream(stderr) << "millm: " << trouble << Qt::endl;
#ifdef MILLM_DESKTOP
    if (window) {
        const QString kept = invocation.demo ? QString() : invocation.settingsFile;  // the demo leaves no traces
        return showWindow(settings,
                          {invocation.demo, Demo::repository(), trouble, invocation.origins, kept, log, &*translations}, lock);
    }
#endif
    return serve(settings);
}
