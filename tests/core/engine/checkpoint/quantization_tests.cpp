#include "support.h"
#include "tensor_file.h"

#include "core/engine/quantization/code_tables.h"
#include "core/engine/quantization/half.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/quantization/linear_quantizer.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/quantization/stored_linear.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

using namespace millm::engine;
using namespace millm::engine::testing;

namespace {

std::vector<fs::path> reference_cases() {
    const char *golden = std::getenv("MILLM_GOLDEN");
    const fs::path folder = golden ? fs::path(golden) / "bnb/functional" : fixtures() / "checkpoint/bnb/functional";
    std::vector<fs::path> cases;
    for (const auto &entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".safetensors") cases.push_back(entry.path());
    REQUIRE(cases.size() >= 20);
    return cases;
}

std::vector<float> widened(const TensorFile &file, const std::string &name) {
    const TensorInfo &info = file.info(name);
    std::vector<float> values(static_cast<std::size_t>(info.elements()));
    const std::string bytes = file.bytes(name);
    widen(info.dtype, as_bytes(bytes).data(), values.size(), values.data());
    return values;
}

int nibble(const std::string &packed, std::size_t i) {
    const auto byte = static_cast<unsigned char>(packed[i / 2]);
    return i % 2 ? byte & 15 : byte >> 4;
}

std::size_t differing(const std::string &a, const std::string &b) {
    REQUIRE(a.size() == b.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
    return count;
}

/// Rounds f32 values to the type that the reference dequantized to.
std::string rounded(const std::vector<float> &values, DType dtype) {
    std::string bytes;
    for (const float value : values) {
        if (dtype == DType::F32) {
            bytes.append(reinterpret_cast<const char *>(&value), 4);
        } else {
            const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
            const std::uint16_t half = dtype == DType::F16
                                           ? half_from_float(value)
                                           : static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
            bytes.append(reinterpret_cast<const char *>(&half), 2);
        }
    }
    return bytes;
}

std::vector<float> dequantized(const std::vector<TestTensor> &tensors, std::string *problem = nullptr) {
    const TemporaryFolder folder;
    const auto opened = open_single(folder, "model.safetensors", safetensors_file(tensors));
    REQUIRE_MESSAGE(opened.ok(), opened.error().message);
    const auto linear = read_linear(**opened, "p", false);
    if (!linear) {
        REQUIRE(problem != nullptr);
        *problem = linear.error().message;
        return {};
    }
    std::vector<float> values(static_cast<std::size_t>(linear->out * linear->in));
    dequantize_rows(*linear, 0, linear->out, values.data());
    return values;
}

std::string table_text(std::span<const float> table) {
    return {reinterpret_cast<const char *>(table.data()), table.size_bytes()};
}

}  // namespace

TEST_CASE("the table of schemes answers by id, exact case") {
    CHECK(schemes().size() == 3);
    for (const SchemeInfo &row : schemes()) {
        CHECK(scheme_from_id(row.id) == row.scheme);
        CHECK(scheme_info(row.scheme).id == row.id);
    }
    CHECK(schemes().front().id == "Q4");
    CHECK_FALSE(scheme_from_id("q4").has_value());
    CHECK_FALSE(scheme_from_id("").has_value());
}

TEST_CASE("half precision conversions are exact for every value") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const int exponent = half >> 10 & 31, mantissa = half & 1023;
        const float value = float_from_half(half);
        if (exponent == 31) {
            CHECK((mantissa ? std::isnan(value) : std::isinf(value)));
            continue;
        }
        const double wanted =
            std::ldexp(exponent ? 1024 + mantissa : mantissa, (exponent ? exponent : 1) - 25) * (half & 0x8000 ? -1 : 1);
        REQUIRE(static_cast<double>(value) == wanted);
        REQUIRE(half_from_float(value) == half);
        if (exponent < 30 && !(half & 0x8000)) {
            // Halfway to the neighbour goes to the even one; a hair further up goes up.
            const float next = float_from_half(static_cast<std::uint16_t>(half + 1)), middle = (value + next) / 2;
            REQUIRE(half_from_float(middle) == (half & 1 ? half + 1 : half));
            REQUIRE(half_from_float(std::nextafter(middle, 1e9f)) == half + 1);
        }
    }
    CHECK(half_from_float(65519.9f) == 0x7bff);
    CHECK(half_from_float(65520.0f) == 0x7c00);
    CHECK(half_from_float(1e-8f) == 0);
}

TEST_CASE("NF4 codes and scales equal bitsandbytes'") {
    for (const fs::path &path : reference_cases()) {
        CAPTURE(path.filename().string());
        const TensorFile file(path);
        const std::vector<float> weight = widened(file, "weight");
        std::string packed((weight.size() + 1) / 2, '\0');
        std::vector<float> absmax((weight.size() + 63) / 64);
        REQUIRE(quantize_nf4(weight.data(), weight.size(), reinterpret_cast<std::byte *>(packed.data()), absmax.data()) ==
                QuantizeFault::None);
        CHECK(differing(text_of(absmax), file.bytes("nf4.absmax_cuda_rule")) == 0);
        // Blocks of zeros are the one place where the devices of the reference disagree; code 7 is ours.
        const std::string wanted = file.bytes("nf4.packed_cuda_rule");
        REQUIRE(packed.size() == wanted.size());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < packed.size() * 2; ++i)
            wrong += nibble(packed, i) != (absmax[i / 64 < absmax.size() ? i / 64 : i / 64 - 1] == 0 ? 7 : nibble(wanted, i));
        CHECK(wrong == 0);
        if (file.has("nf4.packed")) CHECK(differing(packed, file.bytes("nf4.packed")) == 0);
    }
}

TEST_CASE("double quantization of the scales equals the exact rule") {
    for (const fs::path &path : reference_cases()) {
        CAPTURE(path.filename().string());
        const TensorFile file(path);
        const std::vector<float> absmax = file.values<float>("nf4.absmax_cuda_rule");
        const float offset = file.values<float>("nf4dq.offset")[0];
        const NestedScales own = quantize_scales(absmax);
        const NestedScales nested = quantize_scales(absmax, offset);
        // All zero: the reference's CPU code stores 1e-38 for a short last block, whose mean it then takes.
        if (*std::max_element(absmax.begin(), absmax.end()) == 0) {
            CHECK(own.offset == 0);
            continue;
        }
        CHECK(std::fabs(own.offset - offset) <= 1e-6f * offset);
        // Where all scales of a block equal the offset, any code gives it back.
        const std::vector<std::uint8_t> wanted = file.values<std::uint8_t>("nf4dq.absmax_cuda_rule");
        REQUIRE(nested.codes.size() == wanted.size());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) wrong += nested.codes[i] != wanted[i] && nested.absmax[i / 256] != 0;
        CHECK(wrong == 0);
        CHECK(own.codes == nested.codes);
        CHECK(differing(text_of(nested.absmax), file.bytes("nf4dq.nested_absmax")) == 0);
    }
}

TEST_CASE("LLM.int8 codes and row scales equal bitsandbytes'") {
    for (const fs::path &path : reference_cases()) {
        CAPTURE(path.filename().string());
        const TensorFile file(path);
        const std::vector<float> weight = widened(file, "weight");
        const auto rows = static_cast<std::size_t>(file.info("weight").shape[0]), columns = weight.size() / rows;
        std::vector<std::int8_t> codes(weight.size());
        std::vector<float> scale(rows);
        REQUIRE(quantize_int8(weight.data(), rows, columns, codes.data(), scale.data()) == QuantizeFault::None);
        CHECK(differing(text_of(scale), file.bytes("int8.SCB")) == 0);
        CHECK(differing(text_of(codes), file.bytes("int8.weight")) == 0);
        if (!file.has("int8.dequant_f32")) continue;
        const auto values = dequantized(
            {{"p.SCB", DType::F32, {static_cast<std::int64_t>(rows)}, text_of(scale)},
             {"p.weight", DType::I8, {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)}, text_of(codes)},
             {"p.weight_format", DType::U8, {}, std::string(1, '\0')}});
        CHECK(differing(text_of(values), file.bytes("int8.dequant_f32")) == 0);
    }
}

TEST_CASE("every 4-bit form reads back to the reference's values") {
    for (const fs::path &path : reference_cases()) {
        CAPTURE(path.filename().string());
        const TensorFile file(path);
        if (!file.has("fp4.packed")) continue;
        const TensorInfo &weight = file.info("weight");
        const std::int64_t values = weight.elements();
        const std::string shape = "[" + std::to_string(weight.shape[0]) + ", " + std::to_string(weight.shape[1]) + "]";
        const auto check = [&](const std::string &form, const char *type, std::int64_t block, std::span<const float> code,
                               DType storage) {
            CAPTURE(form);
            const std::string key = form + (file.has(form + ".dequant_f32") ? ".dequant_f32" : ".dequant");
            const std::string state = "{\"shape\":" + shape + ",\"dtype\":\"float32\",\"blocksize\":" + std::to_string(block) +
                                      ",\"quant_type\":\"" + type + "\"}";
            std::string packed = file.bytes(form + ".packed");
            packed.resize((packed.size() + size_of(storage) - 1) / size_of(storage) * size_of(storage));
            const auto got =
                dequantized({{"p.weight", storage, {static_cast<std::int64_t>(packed.size() / size_of(storage)), 1}, packed},
                             {"p.weight.absmax", DType::F32, {(values + block - 1) / block}, file.bytes(form + ".absmax")},
                             {"p.weight.quant_map", DType::F32, {16}, table_text(code)},
                             {std::string("p.weight.quant_state.bitsandbytes__") + type,
                              DType::U8,
                              {static_cast<std::int64_t>(state.size())},
                              state}});
            const std::vector<float> wanted = widened(file, key);
            std::string bytes = rounded(got, file.info(key).dtype);
            std::vector<float> values(got.size());
            widen(file.info(key).dtype, as_bytes(bytes).data(), values.size(), values.data());
            CHECK(values == wanted);  // as numbers: FP4 has two zeros
        };
        // Where rows are no multiple of the block, the reference's fast CPU code (for rows of 32 values) takes other blocks'
        // scales than its quantizer and its GPU code: no reference.
        const auto has_reference = [&](std::int64_t block) {
            return weight.shape[1] % block == 0 || weight.shape[1] % 32 != 0;
        };
        if (has_reference(128)) check("nf4_bs128", "nf4", 128, nf4_code, DType::U8);
        if (!has_reference(64)) continue;
        check("nf4", "nf4", 64, nf4_code, DType::U8);
        check("nf4", "nf4", 64, nf4_code, DType::BF16);
        check("fp4", "fp4", 64, fp4_code, DType::F32);

        const std::string blob = file.bytes("nf4dq.quant_state_blob");
        const std::int64_t blocks = (values + 63) / 64;
        const auto nested = dequantized(
            {{"p.weight", DType::U8, {(values + 1) / 2, 1}, file.bytes("nf4dq.packed")},
             {"p.weight.absmax", DType::U8, {blocks}, file.bytes("nf4dq.absmax")},
             {"p.weight.nested_absmax", DType::F32, {(blocks + 255) / 256}, file.bytes("nf4dq.nested_absmax")},
             {"p.weight.nested_quant_map", DType::F32, {256}, file.bytes("nf4dq.nested_quant_map")},
             {"p.weight.quant_map", DType::F32, {16}, table_text(nf4_code)},
             {"p.weight.quant_state.bitsandbytes__nf4", DType::U8, {static_cast<std::int64_t>(blob.size())}, blob}});
        CHECK(differing(rounded(nested, file.info("nf4dq.dequant").dtype), file.bytes("nf4dq.dequant")) == 0);
        CHECK(differing(table_text(dynamic_map), file.bytes("nf4dq.nested_quant_map")) == 0);
        const std::string own =
            quant_state_text({weight.shape[0], weight.shape[1]}, weight.dtype, file.values<float>("nf4dq.offset")[0]);
        CHECK(own.substr(0, blob.size()) == blob);
        CHECK(own.find_first_not_of(' ', blob.size()) == std::string::npos);
    }
}

TEST_CASE("stored layers that contradict themselves are named") {
    const std::string state = R"({"quant_type":"nf4","blocksize":64,"dtype":"bfloat16","shape":[2,64]})";
    const auto tensors = [&](const std::string &json, std::int64_t packed, std::int64_t blocks) {
        return std::vector<TestTensor>{
            {"p.weight", DType::U8, {packed, 1}, std::string(static_cast<std::size_t>(packed), 'w')},
            {"p.weight.absmax", DType::F32, {blocks}, std::string(static_cast<std::size_t>(blocks) * 4, '\0')},
            {"p.weight.quant_map", DType::F32, {16}, std::string(64, '\0')},
            {"p.weight.quant_state.bitsandbytes__nf4", DType::U8, {static_cast<std::int64_t>(json.size())}, json}};
    };
    const auto problem = [&](const std::string &json, std::int64_t packed, std::int64_t blocks) {
        std::string text;
        dequantized(tensors(json, packed, blocks), &text);
        return text;
    };
    CHECK(problem(state, 64, 2).empty());
    CHECK(problem(state, 63, 2).find("63 bytes, shape [2, 64] in 4 bits is 64") != std::string::npos);
    CHECK(problem(state, 64, 3).find("F32 [2] is wanted") != std::string::npos);
    CHECK(problem("{", 64, 2).find("not valid JSON") != std::string::npos);
    CHECK(problem(R"({"blocksize":63,"dtype":"float16","shape":[2,64]})", 64, 2).find("blocksize") != std::string::npos);
    CHECK(problem(R"({"blocksize":64,"dtype":"float16","shape":[-2,64]})", 64, 2).find("shape") != std::string::npos);
    CHECK(problem(R"({"blocksize":64,"dtype":"float16","shape":[4000000000,4000000000]})", 64, 2).find("shape") !=
          std::string::npos);
    CHECK(problem(R"({"blocksize":64,"dtype":"float16","shape":[2,64],"nested_offset":"x"})", 64, 2).find("nested") !=
          std::string::npos);
    std::string text;
    dequantized({{"p.weight", DType::I8, {2, 2}, "abcd"}, {"p.SCB", DType::F32, {3}, std::string(12, '\0')}}, &text);
    CHECK(text.find("F32 [2] is wanted") != std::string::npos);
    dequantized({{"p.weight", DType::I8, {2, 2}, "abcd"},
                 {"p.SCB", DType::F32, {2}, std::string(8, '\0')},
                 {"p.weight_format", DType::U8, {}, "\x01"}},
                &text);
    CHECK(text.find("weight_format 1") != std::string::npos);
    dequantized({{"p.weight", DType::F32, {4}, std::string(16, '\0')}}, &text);
    CHECK(text.find("matrix") != std::string::npos);
    dequantized({{"p.weight", DType::F32, {2, 2}, std::string(16, '\0')}, {"p.bias", DType::F32, {3}, std::string(12, '\0')}},
                &text);
    CHECK(text.find("2 outputs") != std::string::npos);
    dequantized({{"p.weight", DType::F8_E4M3, {2, 2}, "abcd"}}, &text);
    CHECK(text.find("F8_E4M3") != std::string::npos);
}

TEST_CASE("values that no scheme can keep are refused with a sentence") {
    std::vector<float> values(128, 0.5f);
    std::vector<std::byte> codes(128);
    values[100] = std::numeric_limits<float>::quiet_NaN();
    LinearQuantizer nf4(Scheme::NF4, "layer", {2, 64}, DType::F32), int8(Scheme::Int8, "layer", {2, 64}, DType::F32);
    CHECK(nf4.add(0, values.data(), 2, codes.data()).error().message.find("NaN") != std::string::npos);
    CHECK(int8.add(0, values.data(), 2, codes.data()).error().code == ErrorCode::InvalidFile);
    values[100] = -std::numeric_limits<float>::infinity();
    CHECK(nf4.add(0, values.data(), 2, codes.data()).error().code == ErrorCode::InvalidFile);
    values[100] = 70000.0f;
    const auto beyond = LinearQuantizer(Scheme::Int8, "layer", {2, 64}, DType::BF16).add(0, values.data(), 2, codes.data());
    REQUIRE_FALSE(beyond.ok());
    CHECK(beyond.error().code == ErrorCode::Unsupported);
    CHECK(beyond.error().message.find("65504") != std::string::npos);
    CHECK(LinearQuantizer(Scheme::NF4, "layer", {2, 64}, DType::BF16).add(0, values.data(), 2, codes.data()).ok());
}

TEST_CASE("a layer quantized in memory equals its slices") {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    const std::int64_t out = 130, in = 100;
    std::vector<float> weight(static_cast<std::size_t>(out * in)), turned(weight.size());
    for (float &value : weight) value = normal(random);
    for (std::int64_t row = 0; row < out; ++row)
        for (std::int64_t k = 0; k < in; ++k)
            turned[static_cast<std::size_t>(k * out + row)] = weight[static_cast<std::size_t>(row * in + k)];
    const TemporaryFolder folder;
    const auto opened = open_single(folder, "model.safetensors",
                                    safetensors_file({{"a.weight", DType::F32, {out, in}, text_of(weight)},
                                                      {"b.weight", DType::F32, {in, out}, text_of(turned)}}));
    REQUIRE(opened.ok());
    const auto a = read_linear(**opened, "a", false), b = read_linear(**opened, "b", true);
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    CHECK(b->out == out);
    for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
        const auto small = quantize_linear(*a, scheme, "a"), transposed = quantize_linear(*b, scheme, "b");
        REQUIRE(small.ok());
        REQUIRE(transposed.ok());
        std::vector<float> one(weight.size()), two(weight.size());
        dequantize_rows(*small, 0, out, one.data());
        for (std::int64_t row = 0; row < out; ++row) dequantize_rows(*transposed, row, 1, two.data() + row * in);
        CHECK(one == two);
        double error = 0;
        for (std::size_t i = 0; i < weight.size(); ++i)
            error = std::max(error, std::fabs(static_cast<double>(one[i]) - weight[i]));
        CHECK(error < (scheme == Scheme::NF4 ? 0.8 : 0.03));
        CHECK(error > 0);
        CHECK(quantize_linear(*small, scheme, "a").ok());
        CHECK_FALSE(quantize_linear(*small, scheme == Scheme::NF4 ? Scheme::Int8 : Scheme::NF4, "a").ok());
    }
}

TEST_CASE("quantizing keeps up with a fast line") {
    std::vector<std::uint16_t> source(std::size_t{1} << 22);
    std::mt19937 random(1);
    for (std::uint16_t &value : source)
        value = static_cast<std::uint16_t>(0x3c00 + random() % 0x180 + (random() % 2 ? 0x8000 : 0));
    std::vector<float> values(source.size());
    std::vector<std::byte> codes(source.size());
    std::vector<float> scales(source.size() / 64);
    const auto rate = [&](auto &&work) {
        double best = 0;
        for (int i = 0; i < 3; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            work();
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
            best = std::max(best, static_cast<double>(source.size() * 2) / took.count() / 1e6);
        }
        return best;
    };
    const auto widening = [&] {
        widen(DType::BF16, reinterpret_cast<const std::byte *>(source.data()), source.size(), values.data());
    };
    const double nf4 = rate([&] {
        widening();
        quantize_nf4(values.data(), values.size(), codes.data(), scales.data());
    });
    const double int8 = rate([&] {
        widening();
        quantize_int8(values.data(), 1024, values.size() / 1024, reinterpret_cast<std::int8_t *>(codes.data()), scales.data());
    });
    MESSAGE("NF4 ", nf4, " MB/s, int8 ", int8, " MB/s of bf16 source a core");
#ifdef NDEBUG
    CHECK(nf4 > 20);
    CHECK(int8 > 20);
#endif
}
