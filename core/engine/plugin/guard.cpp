#include "core/engine/plugin/guard.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string>

namespace millm::engine {

namespace {

std::string first_line(const char *text) {
    const std::string message(text);
    return message.substr(0, message.find('\n'));
}

/// "…you tried to allocate 123 bytes…"; 0 where the message has no such number.
std::int64_t wanted_bytes(const std::string &message) {
    static const std::string before = "tried to allocate ";
    const std::size_t at = message.find(before);
    return at == std::string::npos ? 0 : std::strtoll(message.c_str() + at + before.size(), nullptr, 10);
}

Error out_of_memory(const std::string &message) {
    const std::int64_t wanted = wanted_bytes(message);
    return {ErrorCode::OutOfMemory,
            wanted > 0 ? "out of memory: " + std::to_string(wanted) + " bytes could not be had" : "out of memory: " + message,
            wanted, 0};
}

}  // namespace

Error current_error() {
    try {
        throw;
    } catch (const c10::OutOfMemoryError &e) {
        return out_of_memory(first_line(e.what_without_backtrace()));
    } catch (const c10::Error &e) {
        const std::string message = first_line(e.what_without_backtrace());
        // The CPU's allocator throws the plain class.
        if (message.find("can't allocate memory") != std::string::npos) return out_of_memory(message);
        if (message.find("CUDA") != std::string::npos) return {ErrorCode::Device, message};
        return {ErrorCode::Internal, message};
    } catch (const std::bad_alloc &) {
        return {ErrorCode::OutOfMemory, "out of memory"};
    } catch (const std::exception &e) {
        return {ErrorCode::Internal, first_line(e.what())};
    } catch (...) {
        return {ErrorCode::Internal, "an unknown exception"};
    }
}

}  // namespace millm::engine
