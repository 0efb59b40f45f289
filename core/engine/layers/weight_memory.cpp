#include "core/engine/layers/weight_memory.h"

#include "core/engine/layers/aten.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace millm::engine {

namespace {

constexpr std::size_t large_page = std::size_t{2} << 20;

}  // namespace

at::Tensor empty_weight(at::IntArrayRef shape, at::ScalarType type) {
    const std::size_t bytes = static_cast<std::size_t>(c10::multiply_integers(shape)) * c10::elementSize(type);
    if (bytes < large_page) return at::empty(shape, at::TensorOptions(type));
    void *memory = nullptr;
    if (::posix_memalign(&memory, large_page, bytes) != 0) throw std::bad_alloc();
    // Whole pages alone: a last one that is not filled would be kept all the same. Systems without them say no, which costs
    // nothing but time.
    ::madvise(memory, bytes / large_page * large_page, MADV_HUGEPAGE);
    return at::from_blob(memory, shape, [](void *p) { std::free(p); }, at::TensorOptions(type));
}

}  // namespace millm::engine
