#include "core/engine/plugin/mask_thread.h"

#include <pthread.h>

namespace millm::engine {

MaskThread::MaskThread() : thread_([this] { run(); }) {}

MaskThread::~MaskThread() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

MaskThread::Work MaskThread::prepare(std::vector<Sequence *> sequences) {
    {
        const std::lock_guard lock(mutex_);
        asked_ = std::move(sequences);
        busy_ = true;
    }
    changed_.notify_all();
    return Work(*this);
}

void MaskThread::Work::wait() {
    MaskThread *thread = std::exchange(thread_, nullptr);
    if (thread == nullptr) return;
    std::unique_lock lock(thread->mutex_);
    thread->changed_.wait(lock, [&] { return !thread->busy_; });
}

void MaskThread::run() {
    pthread_setname_np(pthread_self(), "masks");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return busy_ || closed_; });
        if (closed_) return;
        lock.unlock();
        for (Sequence *sequence : asked_) {
            try {
                sequence->prepare();
            } catch (...) {
                // Sequence::choose() asks again, where what is thrown is somebody's to answer.
            }
        }
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

}  // namespace millm::engine
