#include "app/unix_signals.h"

#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <ctime>

namespace millm {
namespace {

int writeEnd = -1;
volatile std::sig_atomic_t received = 0;
timespec firstAt{};

constexpr long sameWishMs = 500;

long msSinceFirst() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - firstAt.tv_sec) * 1000 + (now.tv_nsec - firstAt.tv_nsec) / 1'000'000;
}

// Only async-signal-safe calls here. A second signal ends the process at once: someone is impatient. One right behind the first
// is not: timeout(1), terminals and scripts signal a process and then the group that it is in.
void onSignal(int number) {
    if (received) {
        if (msSinceFirst() > sameWishMs) _exit(128 + number);
        return;
    }
    ::clock_gettime(CLOCK_MONOTONIC, &firstAt);
    received = 1;
    const char byte = 1;
    [[maybe_unused]] const auto written = ::write(writeEnd, &byte, 1);
}

}  // namespace

UnixSignals::UnixSignals(QObject *parent) : QObject(parent) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
    writeEnd = ends[0];
    m_read = ends[1];
    m_notifier = new QSocketNotifier(m_read, QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        m_notifier->setEnabled(false);
        Q_EMIT terminate();
    });
    struct sigaction action{};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

UnixSignals::~UnixSignals() {
    // Where one came its handler stays, for the one that may be right behind it.
    if (!received) {
        std::signal(SIGTERM, SIG_DFL);
        std::signal(SIGINT, SIG_DFL);
    }
    ::close(m_read);
    ::close(writeEnd);
    writeEnd = -1;
}

}  // namespace millm
