#include "core/engine/tokenizer/template/clock.h"

#include <clocale>
#include <ctime>
#include <memory>
#include <type_traits>

namespace millm::engine::jinja {

std::tm local_time() {
    const std::time_t now = std::time(nullptr);
    std::tm time{};
    localtime_r(&now, &time);
    return time;
}

std::string format_time(const std::tm &time, const std::string &format) {
    // %f, microseconds, is Python's own; the clock has none.
    std::string known;
    for (std::size_t i = 0; i < format.size() && format.size() < 4096; ++i) {
        if (format[i] == '\0') break;
        if (format[i] == '%' && i + 1 < format.size() && format[i + 1] == 'f') {
            known += "000000";
            ++i;
        } else {
            known += format[i];
            if (format[i] == '%' && i + 1 < format.size()) known += format[++i];
        }
    }
    if (known.empty()) return {};
    const std::unique_ptr<std::remove_pointer_t<locale_t>, decltype(&freelocale)> english(newlocale(LC_ALL_MASK, "C", nullptr),
                                                                                          freelocale);
    std::string text(known.size() * 16 + 256, '\0');
    text.resize(strftime_l(text.data(), text.size(), known.c_str(), &time, english.get()));
    return text;
}

}  // namespace millm::engine::jinja
