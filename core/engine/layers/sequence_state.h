#pragma once

#include "core/engine/architectures/state_shape.h"
#include "core/engine/layers/page_store.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace millm::engine {

/// What a layer keeps of each token, in pages of page_tokens: growing copies nothing, copies of a sequence share their pages
/// until one of them writes. Of a window only the pages that it still reaches are kept.
class TokenState {
public:
    TokenState() = default;  ///< keeps nothing
    TokenState(StateShape shape, std::shared_ptr<PageStore> store) : shape_(std::move(shape)), store_(std::move(store)) {}

    /// Room for `rows` tokens behind the first `length`. Throws where there is no memory, and stays as it was.
    void reserve(std::int64_t length, std::int64_t rows);
    /// The bytes that reserve() would take.
    std::uint64_t growth(std::int64_t length, std::int64_t rows) const;
    /// Puts rows [rows, heads, dim] of one plane at `position` and what follows; there is room.
    void write(std::size_t plane, std::int64_t position, const at::Tensor &rows);
    /// Tokens [first, last) of a plane in one piece, [heads, last - first, dim].
    at::Tensor gather(std::size_t plane, std::int64_t first, std::int64_t last) const;
    /// A page's part of a plane, [heads, page_tokens, dim]; `page` counts from the sequence's first token.
    const at::Tensor &page(std::size_t plane, std::int64_t page) const {
        return (*pages_[static_cast<std::size_t>(page - first_page_)])[plane];
    }
    std::size_t planes() const { return shape_.planes.size(); }
    /// The pages that there are.
    std::int64_t first_page() const { return first_page_; }
    std::int64_t end_page() const { return first_page_ + static_cast<std::int64_t>(pages_.size()); }
    /// `length` tokens count now: drops the pages that no later token sees.
    void commit(std::int64_t length);
    /// Forgets what lies behind `length` tokens; false, and nothing changes, where the window has dropped what would be needed
    /// again.
    bool truncate(std::int64_t length);
    bool can_truncate(std::int64_t length) const;
    std::uint64_t bytes() const;  ///< shared pages count for each that holds them

private:
    using Page = PageStore::Page;

    std::uint64_t page_bytes() const;

    StateShape shape_;
    std::shared_ptr<PageStore> store_;
    std::deque<std::shared_ptr<Page>> pages_;
    std::int64_t first_page_ = 0;  ///< pages before it were dropped
};

/// Tensors that a pass replaces: recurrent states. What set() takes counts after commit(), so that a pass that failed can run
/// again.
class FixedState {
public:
    FixedState() = default;
    FixedState(const StateShape &shape, at::TensorOptions options);

    const at::Tensor &get(std::size_t index) const { return current_[index]; }  ///< zeros at first; not to be written into
    void set(std::size_t index, at::Tensor value) { next_[index] = std::move(value); }
    void commit();
    bool empty() const { return current_.empty(); }
    std::uint64_t bytes() const;

private:
    std::vector<at::Tensor> current_, next_;
};

/// What one sequence remembers in all layers. A copy is a fork: both go on by themselves.
class SequenceState {
public:
    SequenceState() = default;  ///< of no layer
    /// `shapes` as state_shapes() gives them; `store`: where the pages of what grows come from.
    SequenceState(const std::vector<StateShape> &shapes, const std::shared_ptr<PageStore> &store);

    std::int64_t length() const { return length_; }  ///< tokens that count
    /// Room for so many tokens more; throws where there is no memory, and stays as it was.
    void reserve(std::int64_t rows);
    std::uint64_t growth(std::int64_t rows) const;  ///< the bytes that it would take
    /// A layer's own state, or the one that it shares.
    TokenState &tokens(std::int64_t layer) { return tokens_[owner(layer)]; }
    FixedState &fixed(std::int64_t layer) { return fixed_[owner(layer)]; }
    /// The `rows` tokens that a pass wrote count from now on. Without it the pass leaves no trace.
    void commit(std::int64_t rows);
    /// Back to the first `length` tokens; false, and nothing changes, where a layer cannot go back: a window that has moved on,
    /// a recurrent state.
    bool truncate(std::int64_t length);
    bool can_truncate(std::int64_t length) const;
    std::uint64_t bytes() const;
    std::uint64_t fixed_bytes() const;  ///< of them, those that no page holds

private:
    std::size_t owner(std::int64_t layer) const { return owners_[static_cast<std::size_t>(layer)]; }

    std::vector<TokenState> tokens_;
    std::vector<FixedState> fixed_;
    std::vector<std::size_t> owners_;
    std::int64_t length_ = 0;
};

}  // namespace millm::engine
