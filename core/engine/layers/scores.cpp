#include "core/engine/layers/scores.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_pass.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/parallel.h"

#include <algorithm>
#include <limits>

namespace millm::engine {

namespace {

/// Queries of a prompt that one thread takes at once, and of those that a device takes at once: no scores of all by all are
/// kept.
constexpr std::int64_t queries_a_task = 64, rows_a_block = 128;

/// Multiplications that are worth a thread of their own.
constexpr std::int64_t grain_products = 1 << 17;

/// Blocks that keep a device busy.
constexpr std::int64_t wanted_blocks = 256;

cpu::Format cache_format(at::ScalarType type) {
    return type == at::kBFloat16 ? cpu::Format::BF16 : type == at::kHalf ? cpu::Format::F16 : cpu::Format::F32;
}

/// Queries [first, last) of one key-value head, counted over the part's rows and within them over the group's heads.
struct Task {
    const BatchPart *part;
    std::int64_t kv_head, first, last;
};

}  // namespace

Scores::Scores(ScoreDescription description, double scale, std::int64_t heads, std::int64_t kv_heads, at::Tensor sinks,
               at::Device device)
    : description_(std::move(description)),
      heads_(heads),
      kv_heads_(kv_heads),
      scale_(static_cast<float>(description_.scale > 0 ? description_.scale : scale)),
      sinks_(std::move(sinks)),
      device_(device) {
    if (!description_.slopes.empty()) slopes_ = at::tensor(description_.slopes, at::kFloat).to(device);
}

std::int64_t Scores::first_visible(std::int64_t position) const {
    std::int64_t first = 0;
    if (description_.window > 0) first = std::max(first, position - description_.window + 1);
    if (description_.chunk > 0) first = std::max(first, position / description_.chunk * description_.chunk);
    return first;
}

std::int64_t Scores::ahead(std::int64_t length) const {
    if (!description_.both_ways) return 0;
    return description_.window > 0 ? description_.window - 1 : length;
}

at::Tensor Scores::attend(const at::Tensor &q, std::int64_t value_dim, std::int64_t layer, const PassContext &pass) const {
    at::Tensor out = at::empty({q.size(0), heads_, value_dim}, q.options());
    if (q.is_cpu() && !pass.device) {
        attend_on_cpu(q.contiguous(), layer, pass, out);
    } else if (!attend_on_device(q, layer, pass, out)) {
        TORCH_CHECK(!pass.recorded, "attention cannot be recorded without its kernel");
        for (const BatchPart &part : pass.batch.parts) attend_part(q, layer, part, out);
    }
    return out;
}

bool Scores::recordable(std::int64_t dims) const {
    const DeviceRuntime *runtime = device_runtime(device_);
    return runtime != nullptr && runtime->kernels.attend != nullptr && runtime->kernels.prepare != nullptr &&
           runtime->kernels.can_attend != nullptr && runtime->kernels.can_attend(cuda::Type::F16, dims, dims) &&
           runtime->kernels.can_attend(cuda::Type::F32, dims, dims);
}

bool Scores::attend_on_device(const at::Tensor &q, std::int64_t layer, const PassContext &pass, at::Tensor &out) const {
    if (!pass.device) return false;
    const DeviceRuntime &runtime = *device_runtime(q.device());
    const std::int64_t group = heads_ / kv_heads_, dims = q.size(2), value_dims = out.size(2);
    const cuda::Type type = kernel_type(q.scalar_type());
    if (runtime.kernels.attend == nullptr || !runtime.kernels.can_attend(type, dims, value_dims) ||
        pass.device->page_type() != q.scalar_type())
        return false;
    const DevicePass::Tiles tiles = pass.device->tiles(group);
    const bool packed = q.stride(2) == 1 && q.stride(1) == dims && has_aligned_rows(q);
    const at::Tensor queries = packed ? q : q.contiguous();

    cuda::Attend a;
    a.type = type;
    a.queries = queries.const_data_ptr();
    a.out = out.mutable_data_ptr();
    a.query_stride = queries.stride(0);
    a.rows = queries.size(0);
    a.heads = heads_;
    a.kv_heads = kv_heads_;
    a.dims = dims;
    a.value_dims = value_dims;
    a.page_value_dims = pass.device->value_dims(layer);
    a.tiles = tiles.tiles;
    a.tile_count = tiles.count;
    a.table = pass.device->table(layer);
    a.window = description_.window;
    a.chunk = description_.chunk;
    a.ahead = ahead(std::int64_t{1} << 40);
    a.scale = scale_;
    a.cap = static_cast<float>(description_.cap);
    a.slopes = slopes_.defined() ? slopes_.const_data_ptr<float>() : nullptr;
    a.sinks = sinks_.defined() ? sinks_.const_data_ptr<float>() : nullptr;
    // Few queries would keep few of the device's processors busy: then several share what one sees. By the table's size, which
    // stays what it is for many tokens.
    std::int64_t pages = a.table.capacity;
    if (description_.window > 0 && !description_.both_ways)
        pages = std::min(pages, (description_.window + cuda::queries_of_tile) / page_tokens + 2);
    const std::int64_t wanted = std::clamp<std::int64_t>(wanted_blocks / (a.tile_count * kv_heads_), 1, pages);
    a.pages_a_split = (pages + wanted - 1) / wanted;
    a.splits = (pages + a.pages_a_split - 1) / a.pages_a_split;
    const at::Tensor partial =
        at::empty({cuda::attend_floats(a.rows, heads_, value_dims, a.splits)}, q.options().dtype(at::kFloat));
    a.partial = partial.mutable_data_ptr<float>();
    runtime.kernels.attend(a, runtime.enter(q.device()));
    runtime.check();
    return true;
}

void Scores::attend_on_cpu(const at::Tensor &q, std::int64_t layer, const PassContext &pass, at::Tensor &out) const {
    const std::int64_t group = heads_ / kv_heads_, threads = at::get_num_threads();
    std::int64_t queries = 0;
    for (const BatchPart &part : pass.batch.parts) queries += part.rows * heads_;
    // Few queries are cut into single ones to keep all threads busy; those of one key are best answered together.
    const std::int64_t fair = std::max<std::int64_t>(1, queries / (2 * threads));
    const std::int64_t share = std::min(queries_a_task, fair >= group ? fair / group * group : fair);
    std::vector<Task> tasks;
    for (const BatchPart &part : pass.batch.parts)
        for (std::int64_t head = 0; head < kv_heads_; ++head)
            for (std::int64_t first = 0; first < part.rows * group; first += share)
                tasks.push_back({&part, head, first, std::min(part.rows * group, first + share)});

    const float *from = q.const_data_ptr<float>();
    float *to = out.mutable_data_ptr<float>();
    const std::int64_t dims = q.size(2), value_dims = out.size(2);
    std::int64_t products = 0;
    for (const BatchPart &part : pass.batch.parts)
        products += part.rows * heads_ * (part.position() + part.rows) * (dims + value_dims);
    const auto count = static_cast<std::int64_t>(tasks.size());
    const std::int64_t grain = std::max<std::int64_t>(1, grain_products / std::max<std::int64_t>(1, products / count));
    parallel_rows(Loop::Attend, count, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<const void *> keys, values;
        for (std::int64_t i = begin; i < end; ++i) {
            const Task &task = tasks[static_cast<std::size_t>(i)];
            const BatchPart &part = *task.part;
            const TokenState &state = part.state->tokens(layer);
            const std::int64_t first_page = first_visible(part.position() + task.first / group) / page_tokens;
            const std::int64_t length = part.position() + part.rows, seen_ahead = ahead(length);
            const std::int64_t last_page =
                std::min(length - 1, part.position() + (task.last - 1) / group + seen_ahead) / page_tokens;
            keys.clear();
            values.clear();
            for (std::int64_t page = first_page; page <= last_page; ++page) {
                const at::Tensor &k = state.page(0, page), &v = state.page(state.planes() - 1, page);
                keys.push_back(static_cast<const char *>(k.const_data_ptr()) +
                               task.kv_head * static_cast<std::int64_t>(k.nbytes()) / kv_heads_);
                values.push_back(static_cast<const char *>(v.const_data_ptr()) +
                                 task.kv_head * static_cast<std::int64_t>(v.nbytes()) / kv_heads_);
            }
            const std::int64_t head = task.kv_head * group;
            cpu::Attention a;
            a.format = cache_format(state.page(0, last_page).scalar_type());
            a.keys = keys.data();
            a.values = values.data();
            a.first_token = first_page * page_tokens;
            a.dims = dims;
            a.value_dims = value_dims;
            a.value_stride = state.page(state.planes() - 1, last_page).size(2);
            a.queries = from + (part.first_row * heads_ + head) * dims;
            a.row_stride = heads_ * dims;
            a.out = to + (part.first_row * heads_ + head) * value_dims;
            a.out_row_stride = heads_ * value_dims;
            a.group = group;
            a.first = task.first;
            a.last = task.last;
            a.position = part.position();
            a.window = description_.window;
            a.chunk = description_.chunk;
            a.ahead = seen_ahead;
            a.length = length;
            a.scale = scale_;
            a.cap = static_cast<float>(description_.cap);
            a.slopes = slopes_.defined() ? slopes_.const_data_ptr<float>() + head : nullptr;
            a.sinks = sinks_.defined() ? sinks_.const_data_ptr<float>() + head : nullptr;
            cpu::kernels().attend(a);
        }
    });
}

void Scores::attend_part(const at::Tensor &q, std::int64_t layer, const BatchPart &part, at::Tensor &out) const {
    const std::int64_t group = heads_ / kv_heads_, dims = q.size(2), value_dims = out.size(2);
    for (std::int64_t row = 0; row < part.rows; row += rows_a_block) {
        const std::int64_t rows = std::min(rows_a_block, part.rows - row), position = part.position() + row;
        const std::int64_t length = part.position() + part.rows, seen_ahead = ahead(length);
        const std::int64_t first = first_visible(position), end = position + rows, last = std::min(length, end + seen_ahead),
                           visible = last - first;
        const TokenState &state = part.state->tokens(layer);
        const at::Tensor keys = state.gather(0, first, last).to(q.scalar_type()),
                         values = state.planes() > 1 ? state.gather(1, first, last).to(q.scalar_type())
                                                     : keys.narrow(2, 0, value_dims);
        // The heads of a group become rows, so that no key is read twice: [kv_heads, group * rows, dims].
        const at::Tensor queries = q.narrow(0, part.first_row + row, rows)
                                       .view({rows, kv_heads_, group, dims})
                                       .permute({1, 2, 0, 3})
                                       .reshape({kv_heads_, group * rows, dims});
        at::Tensor scores =
            at::bmm(queries, keys.transpose(1, 2)).to(at::kFloat).mul_(scale_).view({kv_heads_, group, rows, visible});
        if (description_.cap > 0) scores = scores.div_(description_.cap).tanh_().mul_(description_.cap);
        const at::Tensor key_at = at::arange(first, last, q.options().dtype(at::kLong));
        const at::Tensor query_at = at::arange(position, end, q.options().dtype(at::kLong)).unsqueeze(1);
        if (slopes_.defined()) scores.add_(slopes_.view({kv_heads_, group, 1, 1}) * (key_at - query_at).to(at::kFloat));
        at::Tensor hidden = key_at > query_at + seen_ahead;  // [rows, visible]
        if (description_.window > 0) hidden = hidden.logical_or(key_at <= query_at - description_.window);
        if (description_.chunk > 0)
            hidden = hidden.logical_or(key_at < query_at.div(description_.chunk, "floor") * description_.chunk);
        scores.masked_fill_(hidden, -std::numeric_limits<float>::infinity());
        if (sinks_.defined()) {
            const at::Tensor sink = sinks_.view({kv_heads_, group, 1, 1}).expand({kv_heads_, group, rows, 1});
            scores = at::cat({scores, sink}, -1);
        }
        at::Tensor weights = scores.softmax(-1).narrow(-1, 0, visible).to(q.scalar_type());
        const at::Tensor attended = at::bmm(weights.reshape({kv_heads_, group * rows, visible}), values);
        out.narrow(0, part.first_row + row, rows)
            .copy_(
                attended.view({kv_heads_, group, rows, value_dims}).permute({2, 0, 1, 3}).reshape({rows, heads_, value_dims}));
    }
}

}  // namespace millm::engine
