#include "core/engine/layers/sequence_state.h"

#include "core/engine/layers/aten.h"

#include <algorithm>

namespace millm::engine {

namespace {

std::int64_t pages_for(std::int64_t tokens) {
    return (tokens + page_tokens - 1) / page_tokens;
}

}  // namespace

void TokenState::reserve(std::int64_t length, std::int64_t rows) {
    if (shape_.planes.empty() || rows <= 0) return;
    const std::int64_t begin = length / page_tokens, end = pages_for(length + rows),
                       have = first_page_ + static_cast<std::int64_t>(pages_.size());
    // A fork must not see what is written here. It may share the page of the last tokens, and pages behind it that a pass made
    // room for which never counted.
    std::vector<std::pair<std::size_t, std::shared_ptr<Page>>> own;
    for (std::int64_t page = begin; page < std::min(end, have); ++page) {
        const auto place = static_cast<std::size_t>(page - first_page_);
        if (pages_[place].use_count() == 1) continue;
        own.emplace_back(place, store_->take(shape_.planes));
        if (page * page_tokens >= length) continue;
        for (std::size_t plane = 0; plane < shape_.planes.size(); ++plane)
            (*own.back().second)[plane].copy_((*pages_[place])[plane]);
    }
    std::vector<std::shared_ptr<Page>> added;
    for (std::int64_t page = have; page < end; ++page) added.push_back(store_->take(shape_.planes));
    for (auto &[place, page] : own) pages_[place] = std::move(page);
    pages_.insert(pages_.end(), added.begin(), added.end());
}

std::uint64_t TokenState::growth(std::int64_t length, std::int64_t rows) const {
    if (shape_.planes.empty() || rows <= 0) return 0;
    const std::int64_t begin = length / page_tokens, end = pages_for(length + rows),
                       have = first_page_ + static_cast<std::int64_t>(pages_.size());
    std::int64_t pages = std::max<std::int64_t>(0, end - have);
    for (std::int64_t page = begin; page < std::min(end, have); ++page)
        if (pages_[static_cast<std::size_t>(page - first_page_)].use_count() > 1) ++pages;
    return static_cast<std::uint64_t>(pages) * page_bytes();
}

void TokenState::write(std::size_t plane, std::int64_t position, const at::Tensor &rows) {
    const std::int64_t count = rows.size(0);
    for (std::int64_t done = 0; done < count;) {
        const std::int64_t at = position + done, offset = at % page_tokens, part = std::min(count - done, page_tokens - offset);
        page(plane, at / page_tokens).narrow(1, offset, part).copy_(rows.narrow(0, done, part).transpose(0, 1));
        done += part;
    }
}

at::Tensor TokenState::gather(std::size_t plane, std::int64_t first, std::int64_t last) const {
    const StateShape::Plane &shape = shape_.planes[plane];
    at::Tensor all = at::empty({shape.heads, last - first, shape.dim}, store_->options());
    for (std::int64_t at = first; at < last;) {
        const std::int64_t offset = at % page_tokens, part = std::min(last - at, page_tokens - offset);
        all.narrow(1, at - first, part).copy_(page(plane, at / page_tokens).narrow(1, offset, part));
        at += part;
    }
    return all;
}

void TokenState::commit(std::int64_t length) {
    if (shape_.window == 0) return;
    const std::int64_t seen = std::max<std::int64_t>(0, length - shape_.window + 1) / page_tokens;
    for (; first_page_ < seen && !pages_.empty(); ++first_page_) pages_.pop_front();
}

bool TokenState::can_truncate(std::int64_t length) const {
    if (shape_.planes.empty()) return true;
    const std::int64_t seen = shape_.window == 0 ? 0 : std::max<std::int64_t>(0, length - shape_.window + 1) / page_tokens;
    return seen >= first_page_;
}

bool TokenState::truncate(std::int64_t length) {
    if (!can_truncate(length)) return false;
    while (!pages_.empty() && first_page_ + static_cast<std::int64_t>(pages_.size()) > pages_for(length)) pages_.pop_back();
    return true;
}

std::uint64_t TokenState::page_bytes() const {
    return static_cast<std::uint64_t>(page_tokens) * shape_.bytes_per_token(store_->options().dtype().itemsize());
}

std::uint64_t TokenState::bytes() const {
    return pages_.size() * page_bytes();
}

FixedState::FixedState(const StateShape &shape, at::TensorOptions options) : next_(shape.fixed.size()) {
    for (const auto &extents : shape.fixed) current_.push_back(at::zeros(extents, options.dtype(at::kFloat)));
}

void FixedState::commit() {
    for (std::size_t i = 0; i < next_.size(); ++i)
        if (next_[i].defined()) current_[i] = std::exchange(next_[i], at::Tensor());
}

std::uint64_t FixedState::bytes() const {
    std::uint64_t total = 0;
    for (const at::Tensor &tensor : current_) total += tensor.nbytes();
    return 2 * total;
}

SequenceState::SequenceState(const std::vector<StateShape> &shapes, const std::shared_ptr<PageStore> &store) {
    for (std::size_t layer = 0; layer < shapes.size(); ++layer) {
        const StateShape &shape = shapes[layer];
        owners_.push_back(shape.shared_with < 0 ? layer : static_cast<std::size_t>(shape.shared_with));
        tokens_.emplace_back(shape, store);
        fixed_.emplace_back(shape, store->options());
    }
}

void SequenceState::reserve(std::int64_t rows) {
    for (TokenState &state : tokens_) state.reserve(length_, rows);
}

void SequenceState::commit(std::int64_t rows) {
    length_ += rows;
    for (TokenState &state : tokens_) state.commit(length_);
    for (FixedState &state : fixed_) state.commit();
}

std::uint64_t SequenceState::growth(std::int64_t rows) const {
    std::uint64_t total = 0;
    for (const TokenState &state : tokens_) total += state.growth(length_, rows);
    return total;
}

bool SequenceState::can_truncate(std::int64_t length) const {
    if (length < 0 || length >= length_) return length == length_;
    return std::ranges::all_of(fixed_, [](const FixedState &state) { return state.empty(); }) &&
           std::ranges::all_of(tokens_, [&](const TokenState &state) { return state.can_truncate(length); });
}

bool SequenceState::truncate(std::int64_t length) {
    if (!can_truncate(length)) return false;
    if (length == length_) return true;
    for (TokenState &state : tokens_) state.truncate(length);
    length_ = length;
    return true;
}

std::uint64_t SequenceState::bytes() const {
    std::uint64_t total = fixed_bytes();
    for (const TokenState &state : tokens_) total += state.bytes();
    return total;
}

std::uint64_t SequenceState::fixed_bytes() const {
    std::uint64_t total = 0;
    for (const FixedState &state : fixed_) total += state.bytes();
    return total;
}

}  // namespace millm::engine
