#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/foreign/format.h"
#include "core/engine/result.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// One weight as another program packed it: [out, in], or a stack of so many [out, in]. A value is
/// (code - zero point) * scale, times or by a factor of the whole.
struct ForeignWeight {
    /// How codes lie.
    enum class Codes : std::uint8_t {
        Bytes,   ///< F8 or I8 [out, in]
        Fp4,     ///< two of four bits in a byte, the first in the low half: [out, in / 2]
        Blocks,  ///< the same in gpt-oss' shape: [count, out, in / 32, 16]
        Row,     ///< integers in the words of a row, the first in the lowest bits: [out, in * bits / 32], half their range up
        Column,  ///< in the words of a column: [in * bits / 32, out] (GPTQ)
        Interleaved,  ///< eight columns in a word, even ones first: [in, out / 8] (AWQ)
    };
    static constexpr std::int64_t word_bits = 32;
    enum Part : std::uint8_t { CodesPart, Scales, Zeros, Order, Factor, Shape, part_count };

    /// A tensor that it is made of.
    struct Piece {
        std::string name;     ///< empty where the form has no such part
        bool needed = false;  ///< else it may be missing
        TensorInfo info;      ///< nameless until it is found
        bool found() const { return !info.name.empty(); }
    };

    std::string name;    ///< of the weight that it stands for
    std::string module;  ///< that the names of all parts begin with
    Codes codes = Codes::Bytes;
    std::int64_t count = 0;  ///< of a stack; 0: it is none
    std::int64_t out = 0, in = 0;
    int bits = 8;
    std::int64_t scale_rows = 1, scale_columns = 0;  ///< that a scale covers; known with the scales
    std::int64_t scale_lines = 1, groups = 1;        ///< scales of one [out, in]: so many lines, or by input so many groups
    bool divides = false;                            ///< the factor of the whole divides scales
    bool zero_behind = false;                        ///< stored zero points are one less
    DType dtype = DType::BF16;                       ///< of restored values
    std::array<Piece, part_count> pieces;

    /// Do scales lie [groups, out]?
    bool by_input() const { return codes == Codes::Column || codes == Codes::Interleaved; }
    /// Of all of a stack.
    std::int64_t rows() const { return std::max<std::int64_t>(count, 1) * out; }
    const Piece &piece(Part part) const { return pieces[part]; }
    /// A plain tensor of the restored values. `turned`: each matrix as [in, out], as gpt-oss has its experts in any case.
    TensorInfo stand_in(bool turned) const;
    using Find = std::function<const TensorInfo *(const std::string &name)>;
    /// Looks the other parts up; false where one that is needed is not there (`missing` tells which). InvalidFile, naming
    /// tensors, types and shapes, where they do not go together.
    Result<bool> complete(const ForeignFormat &format, const Find &find, std::string *missing = nullptr);

private:
    Result<void> check_scales(const ForeignFormat &format);
    Result<void> check_others() const;
};

/// What a tensor is to a repository's format.
struct ForeignPlace {
    enum class Kind : std::uint8_t {
        Plain,      ///< nothing of it
        Codes,      ///< `weight` is the one whose codes it holds; other parts are not looked up yet
        Companion,  ///< another part of the weight of `module`
        Ignored,    ///< of rounding activations or the KV cache, which is not done here
    };
    Kind kind = Kind::Plain;
    ForeignWeight weight;
    std::string module;
};
/// By name, type and shape. InvalidFile where the codes' shape is none that the format has.
Result<ForeignPlace> foreign_place(const ForeignFormat &format, const TensorInfo &tensor);

}  // namespace millm::engine
