// Where the engine is built without CUDA.
#include "core/engine/layers/cuda_linear.h"

#include <c10/util/Exception.h>

namespace millm::engine {

namespace {
[[noreturn]] void refuse() {
    TORCH_CHECK(false, "this engine is built without CUDA");
}
}  // namespace

std::unique_ptr<Linear> make_plain_cuda_linear(const StoredLinear &, const Compute &) {
    refuse();
}
std::unique_ptr<Linear> make_plain_cuda_linear(const at::Tensor &) {
    refuse();
}
std::unique_ptr<Linear> make_four_bit_cuda_linear(const StoredLinear &, const Compute &) {
    refuse();
}
std::unique_ptr<Linear> make_int8_cuda_linear(const StoredLinear &, const Compute &) {
    refuse();
}

}  // namespace millm::engine
