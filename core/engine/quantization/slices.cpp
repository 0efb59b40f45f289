#include "core/engine/quantization/slices.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace millm::engine {

Result<void> each_slice(const LinearShape &shape, std::int64_t step, const SliceWork &work) {
    if (shape.rows() == 0) return {};
    step = std::min(step, shape.out);
    const std::int64_t in_matrix = (shape.out + step - 1) / step, slices = shape.rows() / shape.out * in_matrix;
    std::atomic<std::int64_t> next = 0;
    std::mutex mutex;  // over error
    std::optional<Error> error;
    const auto run = [&] {
        std::vector<float> values(static_cast<std::size_t>(step * shape.in));
        for (std::int64_t slice = next++; slice < slices; slice = next++) {
            const std::int64_t inside = slice % in_matrix * step, first = slice / in_matrix * shape.out + inside;
            if (auto done = work(first, std::min(step, shape.out - inside), values.data()); !done) {
                next = slices;
                const std::lock_guard lock(mutex);
                if (!error) error = std::move(done).error();
            }
        }
    };
    {
        const auto cores = static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()));
        std::vector<std::jthread> others;
        for (std::int64_t i = 1; i < std::min(cores, slices); ++i) others.emplace_back(run);
        run();
    }
    if (error) return *std::move(error);
    return {};
}

}  // namespace millm::engine
