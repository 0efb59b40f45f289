#pragma once

#include "core/engine/generation/sequence.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace millm::engine {

/// The thread "masks": asks grammars which tokens may come, beside the pass that computes how likely they are.
class MaskThread {
public:
    MaskThread();
    ~MaskThread();  ///< joins the thread

    /// Waits for what was asked when it is destroyed.
    class Work {
    public:
        Work() = default;
        explicit Work(MaskThread &thread) : thread_(&thread) {}
        Work(Work &&other) noexcept : thread_(std::exchange(other.thread_, nullptr)) {}
        Work &operator=(Work &&) = delete;
        ~Work() { wait(); }
        void wait();

    private:
        MaskThread *thread_ = nullptr;
    };
    /// Calls Sequence::prepare() of each. One at a time; nobody uses the sequences until the answer is gone or waited for.
    Work prepare(std::vector<Sequence *> sequences);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Sequence *> asked_;
    bool busy_ = false, closed_ = false;
    std::thread thread_;
};

}  // namespace millm::engine
