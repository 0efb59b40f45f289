#include "core/server/http/json_reader.h"

#include "core/server/http/error_response.h"

#include <cmath>

namespace millm::http {

std::optional<qint64> wholeNumber(const QJsonValue &value) {
    if (!value.isDouble()) return {};
    const double number = value.toDouble();
    if (std::floor(number) != number || std::abs(number) > 9.2e18) return {};
    return value.toInteger(static_cast<qint64>(number));
}

std::optional<QList<qint32>> tokenIds(const QJsonArray &array) {
    QList<qint32> ids;
    ids.reserve(array.size());
    for (const QJsonValue &item : array) {
        const auto id = wholeNumber(item);
        if (!id || *id < 0 || *id > std::numeric_limits<qint32>::max()) return {};
        ids.append(static_cast<qint32>(*id));
    }
    return ids;
}

void JsonReader::fail(const QString &field, const QString &why) {
    if (!m_error) m_error = badField(m_prefix + field, why);
}

bool JsonReader::has(QLatin1StringView name) const {
    const QJsonValue value = m_object.value(name);
    return !value.isUndefined() && !value.isNull();
}

bool JsonReader::require(QLatin1StringView name) {
    if (!has(name)) fail(name, QStringLiteral("is required"));
    return has(name);
}

QString JsonReader::string(QLatin1StringView name, qsizetype maxLength) {
    if (!has(name)) return {};
    const QJsonValue value = m_object.value(name);
    if (!value.isString()) {
        fail(name, QStringLiteral("must be a string"));
        return {};
    }
    const QString text = value.toString();
    if (text.size() > maxLength)
        fail(name, QStringLiteral("must have at most %1 characters, not %2").arg(maxLength).arg(text.size()));
    return text;
}

bool JsonReader::boolean(QLatin1StringView name, bool fallback) {
    if (!has(name)) return fallback;
    if (!m_object.value(name).isBool()) fail(name, QStringLiteral("must be true or false"));
    return m_object.value(name).toBool(fallback);
}

std::optional<qint64> JsonReader::integer(QLatin1StringView name, qint64 least, qint64 most) {
    if (!has(name)) return {};
    const auto number = wholeNumber(m_object.value(name));
    if (!number) {
        fail(name, QStringLiteral("must be a whole number"));
    } else if (*number < least) {
        fail(name, QStringLiteral("must be at least %1, not %2").arg(least).arg(*number));
    } else if (*number > most) {
        fail(name, QStringLiteral("must be at most %1, not %2").arg(most).arg(*number));
    }
    return number;
}

std::optional<double> JsonReader::number(QLatin1StringView name, double least, double most) {
    if (!has(name)) return {};
    if (!m_object.value(name).isDouble()) {
        fail(name, QStringLiteral("must be a number"));
        return {};
    }
    const double number = m_object.value(name).toDouble();
    if (!(number >= least && number <= most))
        fail(name, QStringLiteral("must be between %1 and %2, not %3").arg(least).arg(most).arg(number));
    return number;
}

std::optional<QJsonArray> JsonReader::array(QLatin1StringView name) {
    if (!has(name)) return {};
    if (!m_object.value(name).isArray()) {
        fail(name, QStringLiteral("must be a list"));
        return {};
    }
    return m_object.value(name).toArray();
}

std::optional<QJsonObject> JsonReader::object(QLatin1StringView name) {
    if (!has(name)) return {};
    if (!m_object.value(name).isObject()) {
        fail(name, QStringLiteral("must be an object"));
        return {};
    }
    return m_object.value(name).toObject();
}

std::optional<QList<qint32>> JsonReader::ids(QLatin1StringView name, qsizetype most) {
    const auto list = array(name);
    if (!list) return {};
    if (list->size() > most) {
        fail(name, QStringLiteral("must have at most %1 token ids, not %2").arg(most).arg(list->size()));
        return {};
    }
    auto ids = tokenIds(*list);
    if (!ids) fail(name, QStringLiteral("must be a list of token ids"));
    return ids;
}

}  // namespace millm::http
