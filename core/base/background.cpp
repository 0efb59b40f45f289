#include "core/base/background.h"

#include <sys/resource.h>
#include <unistd.h>
#include <atomic>
#include <tuple>

namespace millm::background {

namespace {

std::atomic<bool> givesWay = false;

}  // namespace

void giveWay() {
    givesWay = true;
}

void enter() {
    // On Linux a niceness is a thread's. Where it is refused everybody waits alike.
    if (givesWay && ::getpriority(PRIO_PROCESS, id_t(::gettid())) < niceness)
        std::ignore = ::setpriority(PRIO_PROCESS, id_t(::gettid()), niceness);
}

}  // namespace millm::background
