#pragma once

#include "core/base/error.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace millm::http {

/// Reads typed fields out of a request's object. The first thing that is wrong sticks as INVALID_REQUEST with the field's
/// name, and what is read afterwards no longer matters. null counts as absent.
class JsonReader {
public:
    /// `prefix` stands before every field's name in errors: "messages[0]."
    explicit JsonReader(const QJsonObject &object, QString prefix = {}) : m_object(object), m_prefix(std::move(prefix)) {}

    bool ok() const { return !m_error; }
    const Error &error() const { return *m_error; }
    void fail(const QString &field, const QString &why);

    bool has(QLatin1StringView name) const;
    QJsonValue value(QLatin1StringView name) const { return m_object.value(name); }
    const QJsonObject &all() const { return m_object; }
    /// A field that must be there; its type is the typed getters' business.
    bool require(QLatin1StringView name);

    QString string(QLatin1StringView name, qsizetype maxLength = 64 * 1024 * 1024);
    bool boolean(QLatin1StringView name, bool fallback);
    std::optional<qint64> integer(QLatin1StringView name, qint64 least, qint64 most = std::numeric_limits<qint64>::max());
    std::optional<double> number(QLatin1StringView name, double least, double most);
    std::optional<QJsonArray> array(QLatin1StringView name);
    std::optional<QJsonObject> object(QLatin1StringView name);
    /// Token ids.
    std::optional<QList<qint32>> ids(QLatin1StringView name, qsizetype most = std::numeric_limits<qsizetype>::max());

    /// One of a fixed set of words.
    template <class T>
    std::optional<T> choice(QLatin1StringView name, std::span<const std::pair<QLatin1StringView, T>> words) {
        if (!has(name) || !ok()) return {};
        const QString word = string(name);
        QStringList known;
        for (const auto &[text, meaning] : words) {
            if (word == text) return meaning;
            known += text;
        }
        fail(name, QStringLiteral("must be one of %1").arg(known.join(QStringLiteral(", "))));
        return {};
    }

private:
    const QJsonObject m_object;
    const QString m_prefix;
    std::optional<Error> m_error;
};

/// Is this JSON value a whole number?
std::optional<qint64> wholeNumber(const QJsonValue &value);
/// A list of token ids, or nothing where it is something else.
std::optional<QList<qint32>> tokenIds(const QJsonArray &array);

}  // namespace millm::http
