#include "core/engine/layers/recurrence.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/parallel.h"

#include <algorithm>

namespace millm::engine {

namespace {

// Columns of one task, and multiplications that are worth a thread of their own.
constexpr std::int64_t columns_a_task = 128, recur_grain = 1 << 15;

struct Piece {
    const BatchPart *part;
    float *state;
    std::int64_t head, first, last;
};

void recur_on_cpu(const Recurrent &r, const std::vector<at::Tensor> &states, const PassContext &pass, at::Tensor &out) {
    const std::int64_t heads = r.value.size(1), columns = r.value.size(2), keys = r.key.size(2);
    const std::int64_t share = heads / r.key.size(1);
    std::vector<Piece> tasks;
    for (std::size_t i = 0; i < states.size(); ++i)
        for (std::int64_t head = 0; head < heads; ++head)
            for (std::int64_t first = 0; first < columns; first += columns_a_task)
                tasks.push_back({&pass.batch.parts[i], states[i].mutable_data_ptr<float>() + head * keys * columns, head, first,
                                 std::min(columns, first + columns_a_task)});
    const std::int64_t work = std::max<std::int64_t>(
        1, keys * std::min(columns, columns_a_task) * pass.batch.rows() / static_cast<std::int64_t>(states.size()));
    parallel_rows(
        Loop::Recur, static_cast<std::int64_t>(tasks.size()), std::max<std::int64_t>(1, recur_grain / work),
        [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const Piece &task = tasks[static_cast<std::size_t>(i)];
                const std::int64_t row = task.part->first_row;
                const auto at = [&](const at::Tensor &x, std::int64_t head) {
                    return x.const_data_ptr<float>() + row * x.stride(0) + head * x.stride(1);
                };
                cpu::Recurrence c;
                c.tokens = task.part->rows;
                c.keys = keys;
                c.columns = columns;
                c.first = task.first;
                c.last = task.last;
                c.state = task.state;
                c.key = at(r.key, task.head / share);
                c.query = at(r.query, task.head / share);
                c.value = at(r.value, task.head);
                c.decay = at(r.decay, task.head);
                c.key_stride = r.key.stride(0);
                c.query_stride = r.query.stride(0);
                c.value_stride = r.value.stride(0);
                c.decay_stride = r.decay.stride(0);
                c.form = r.rates.defined() ? cpu::Decay::Element : r.decay.dim() == 3 ? cpu::Decay::Key : cpu::Decay::Head;
                if (r.rates.defined()) c.rates = r.rates.const_data_ptr<float>() + task.head * keys * columns;
                if (r.strength.defined()) {
                    c.strength = at(r.strength, task.head);
                    c.strength_stride = r.strength.stride(0);
                }
                c.out = out.mutable_data_ptr<float>() + (row * heads + task.head) * columns;
                c.out_stride = heads * columns;
                cpu::kernels().recur(c);
            }
        });
}

/// As the kernel reads it: the last dimension in one piece.
at::Tensor in_rows(const at::Tensor &x) {
    return !x.defined() || x.stride(-1) == 1 ? x : x.contiguous();
}

}  // namespace

void recur_anywhere(const Recurrent &r, std::int64_t first, std::int64_t rows, at::Tensor &state, at::Tensor &out) {
    const std::int64_t share = r.value.size(1) / r.key.size(1);
    for (std::int64_t row = first; row < first + rows; ++row) {
        const auto vectors = [&](const at::Tensor &x) { return x.select(0, row).repeat_interleave(share, 0).unsqueeze(2); };
        const at::Tensor key = vectors(r.key), query = vectors(r.query);  // [heads, keys, 1]
        const at::Tensor step = r.decay.select(0, row);
        if (r.rates.defined())
            state.mul_((r.rates * step.unsqueeze(1)).exp_());
        else
            state.mul_(step.dim() == 2 ? step.unsqueeze(2) : step.view({-1, 1, 1}));
        at::Tensor value = r.value.select(0, row);
        if (r.strength.defined()) value = (value - (state * key).sum(1)).mul_(r.strength.select(0, row).unsqueeze(1));
        state.addcmul_(key, value.unsqueeze(1));
        out.select(0, row).copy_((state * query).sum(1));
    }
}

at::Tensor Recurrent::run(std::int64_t layer, std::size_t index, const PassContext &pass) const {
    at::Tensor out = at::empty(value.sizes(), value.options());
    std::vector<at::Tensor> states;
    // Copies: the pass may have to be run again.
    for (const BatchPart &part : pass.batch.parts) states.push_back(part.state->fixed(layer).get(index).clone());
    if (value.is_cpu()) {
        const Recurrent rows{in_rows(key), in_rows(query), in_rows(value), in_rows(decay), rates, in_rows(strength)};
        recur_on_cpu(rows, states, pass, out);
    } else {
        for (std::size_t i = 0; i < states.size(); ++i)
            recur_anywhere(*this, pass.batch.parts[i].first_row, pass.batch.parts[i].rows, states[i], out);
    }
    for (std::size_t i = 0; i < states.size(); ++i) pass.batch.parts[i].state->fixed(layer).set(index, std::move(states[i]));
    return out;
}

}  // namespace millm::engine
