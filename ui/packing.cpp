#include "ui/packing.h"

#include "core/engine/architectures/description.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace millm::packing {
namespace {

struct Spelling {
    QLatin1StringView method, name;
};

/// Of quant_method, as people write it. Append a row; what is not here is written as it is.
constexpr std::array spellings{
    Spelling{QLatin1StringView("gptq"), QLatin1StringView("GPTQ")},
    Spelling{QLatin1StringView("awq"), QLatin1StringView("AWQ")},
    Spelling{QLatin1StringView("fp8"), QLatin1StringView("FP8")},
    Spelling{QLatin1StringView("fbgemm_fp8"), QLatin1StringView("FBGEMM FP8")},
    Spelling{QLatin1StringView("mxfp4"), QLatin1StringView("MXFP4")},
    Spelling{QLatin1StringView("modelopt"), QLatin1StringView("ModelOpt")},
};

/// Its files stay as they are: the form is this program's own.
bool isOwn(const QString &form) {
    return form == QLatin1StringView("bitsandbytes");
}

}  // namespace

QString form(const QString &config) {
    if (config.isEmpty()) return {};
    const auto described = engine::describe(config.toStdString());
    if (!described || described->quantization.empty()) return {};
    return QString::fromStdString(described->foreign.name.empty() ? described->quantization : described->foreign.name);
}

QString name(const QString &form) {
    const QString method = form.section(QLatin1StringView(", "), 0, 0), kind = form.section(QLatin1StringView(", "), 1);
    const auto row = std::ranges::find(spellings, method, &Spelling::method);
    const QString spelled = row == spellings.end() ? method : QString(row->name);
    return kind.isEmpty() ? spelled : QStringLiteral("%1 (%2)").arg(spelled, kind);
}

QString sentence(const QString &form) {
    if (form.isEmpty()) return {};
    if (isOwn(form))
        return QCoreApplication::translate("Packing", "Quantized with %1 already; its weights are kept as they are.")
            .arg(name(form));
    return QCoreApplication::translate(
               "Packing",
               "Quantized with %1 already. Its values are restored, then kept in 16 bits or quantized anew, as you choose.")
        .arg(name(form));
}

QString origin(const QString &form) {
    if (form.isEmpty() || isOwn(form)) return {};
    return QCoreApplication::translate("Packing", "made from %1").arg(name(form));
}

}  // namespace millm::packing
