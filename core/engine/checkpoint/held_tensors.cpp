#include "core/engine/checkpoint/held_tensors.h"

#include "core/engine/checkpoint/failure.h"

#include <algorithm>
#include <system_error>

namespace millm::engine {
namespace {

constexpr std::uint64_t copied_at_once = std::uint64_t{4} << 20;

}  // namespace

Result<void> HeldTensors::hold(const std::string &owner, const TensorInfo &tensor, const TensorSource &source,
                               const std::stop_token &stop) {
    auto file = m_files.find(owner);
    if (file == m_files.end()) {
        const std::filesystem::path path = m_folder / ("." + owner + ".held");
        auto written = OutputFile::create(path);
        if (!written) return std::move(written).error();
        auto read = ArrivingFile::open(path);
        if (!read) return std::move(read).error();
        file = m_files.emplace(owner, File{path, *std::move(written), *std::move(read), 0}).first;
    }
    std::vector<std::byte> buffer(std::min(copied_at_once, tensor.bytes));
    for (std::uint64_t done = 0; done < tensor.bytes; done += buffer.size()) {
        if (stop.stop_requested()) return failure(ErrorCode::Cancelled, "converting was cancelled");
        const auto part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), tensor.bytes - done));
        if (auto got = source.read(done, part); !got) return got;
        if (auto put = file->second.written.write(file->second.bytes + done, part); !put) return put;
    }
    const auto [held, fresh] = m_tensors.try_emplace(tensor.name, Held{tensor, owner, file->second.bytes});
    if (!fresh) return invalid_file("tensor \"", printable(tensor.name), "\" is in ", held->second.owner, " and in ", owner);
    file->second.bytes += tensor.bytes;
    return {};
}

const TensorInfo *HeldTensors::find(const std::string &name) const {
    const auto held = m_tensors.find(name);
    return held == m_tensors.end() ? nullptr : &held->second.info;
}

bool HeldTensors::is_from(const std::string &name, const std::string &owner) const {
    const auto held = m_tensors.find(name);
    return held != m_tensors.end() && held->second.owner == owner;
}

void HeldTensors::forget(const std::string &owner) {
    std::erase_if(m_tensors, [&](const auto &held) { return held.second.owner == owner; });
    const auto file = m_files.find(owner);
    if (file == m_files.end()) return;
    std::error_code ignored;
    std::filesystem::remove(file->second.path, ignored);
    m_files.erase(file);
}

void HeldTensors::clear() {
    while (!m_files.empty()) forget(std::string(m_files.begin()->first));
}

Result<void> HeldTensors::read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const {
    const auto held = m_tensors.find(tensor.name);
    if (held == m_tensors.end()) return invalid_file("tensor \"", printable(tensor.name), "\" did not come");
    return m_files.at(held->second.owner).read.read(held->second.begin + offset, to);
}

}  // namespace millm::engine
