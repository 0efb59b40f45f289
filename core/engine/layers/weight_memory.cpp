#include "core/engine/layers/weight_memory.h"

#include "core/engine/layers/aten.h"

#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>

namespace millm::engine {

namespace {

constexpr std::size_t large_page = std::size_t{2} << 20, arena_bytes = std::size_t{256} << 20, alignment = 64;

std::size_t round_up(std::size_t bytes, std::size_t to) {
    return (bytes + to - 1) / to * to;
}

/// Addresses of which the system gives a page where it is written to, given back as a whole.
class Arena {
public:
    explicit Arena(std::size_t bytes) : size_(round_up(bytes, large_page)), mapped_(size_ + large_page) {
        memory_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory_ == MAP_FAILED) throw std::bad_alloc();
        begin_ = reinterpret_cast<std::byte *>(round_up(reinterpret_cast<std::size_t>(memory_), large_page));
        // Systems without them say no, which costs nothing but time.
        ::madvise(begin_, size_, MADV_HUGEPAGE);
    }
    ~Arena() { ::munmap(memory_, mapped_); }
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    /// Null where it is full.
    std::byte *take(std::size_t bytes) {
        const std::size_t begin = round_up(used_, alignment);
        if (begin > size_ || bytes > size_ - begin) return nullptr;
        used_ = begin + bytes;
        return begin_ + begin;
    }

private:
    std::size_t size_, mapped_, used_ = 0;
    void *memory_;
    std::byte *begin_;
};

/// The arena that the next weights go to lives as long as a weight in it does.
std::shared_ptr<Arena> arena_for(std::size_t bytes, std::byte *&place) {
    static std::mutex mutex;
    static std::weak_ptr<Arena> current;
    const std::lock_guard lock(mutex);
    std::shared_ptr<Arena> arena = current.lock();
    place = arena ? arena->take(bytes) : nullptr;
    if (place == nullptr) {
        arena = std::make_shared<Arena>(std::max(bytes, arena_bytes));
        place = arena->take(bytes);
        current = arena;
    }
    return arena;
}

}  // namespace

at::Tensor empty_weight(at::IntArrayRef shape, at::ScalarType type) {
    std::byte *place = nullptr;
    const auto bytes = static_cast<std::size_t>(c10::multiply_integers(shape)) * c10::elementSize(type);
    std::shared_ptr<Arena> arena = arena_for(bytes, place);
    return at::from_blob(place, shape, [arena = std::move(arena)](void *) {}, at::TensorOptions(type));
}

}  // namespace millm::engine
