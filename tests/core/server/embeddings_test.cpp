#include "server_rig.h"

#include <QFile>
#include <QTest>
#include <QtEndian>

#include <cmath>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

QList<double> numbers(const QJsonValue &list) {
    QList<double> result;
    for (const QJsonValue &value : list.toArray()) result << value.toDouble();
    return result;
}

QList<double> vectorOf(const JsonAnswer &answer, qsizetype index = 0) {
    const QJsonObject entry = answer.json.value("data"_L1).toArray().at(index).toObject();
    if (entry.value("index"_L1).toInteger(-1) != index || entry.value("object"_L1).toString() != "embedding"_L1) return {};
    return numbers(entry.value("embedding"_L1));
}

double lengthOf(const QList<double> &vector) {
    double squares = 0;
    for (const double value : vector) squares += value * value;
    return std::sqrt(squares);
}

double largestDifference(const QList<double> &a, const QList<double> &b) {
    if (a.size() != b.size()) return 1e9;
    double largest = 0;
    for (qsizetype i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

/// /v1/embeddings with a model that sentence-transformers saved, and the vectors that it gave
/// (tools/interop/sentence_model.py).
class EmbeddingsTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ServerRig> rig;
    QJsonObject expected;

    JsonAnswer embed(const QJsonObject &more) const {
        return rig->ask("POST", "/v1/embeddings", with({{u"model"_s, u"sentences"_s}}, more));
    }

private Q_SLOTS:
    void initTestCase() {
        QFile file(QStringLiteral(MILLM_FIXTURES "/sentence-model/expected.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        expected = QJsonDocument::fromJson(file.readAll()).object();
        // The reference computed in float32.
        rig = std::make_unique<ServerRig>([](Settings &settings) { settings.dtype = u"float32"_s; });
        QCOMPARE(embed({{u"input"_s, u"x"_s}}).code(), u"model_not_loaded"_s);
        rig->load(QStringLiteral(MILLM_FIXTURES "/sentence-model"), u"sentences"_s);
    }
    void cleanupTestCase() { rig.reset(); }

    void answersAsSentenceTransformersDoes() {
        const JsonAnswer answer = embed({{u"input"_s, expected.value("texts"_L1)}});
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.json.value("object"_L1), u"list"_s);
        QCOMPARE(answer.json.value("model"_L1), u"sentences"_s);
        const QJsonArray vectors = expected.value("vectors"_L1).toArray();
        QCOMPARE(answer.json.value("data"_L1).toArray().size(), vectors.size());
        qint64 tokens = 0;
        for (qsizetype i = 0; i < vectors.size(); ++i) {
            QVERIFY(largestDifference(vectorOf(answer, i), numbers(vectors.at(i))) < 2e-6);
            tokens += expected.value("ids"_L1).toArray().at(i).toArray().size();
        }
        const QJsonObject usage = answer.json.value("usage"_L1).toObject();
        QCOMPARE(usage.value("prompt_tokens"_L1).toInteger(), tokens);
        QCOMPARE(usage.value("total_tokens"_L1).toInteger(), tokens);
    }

    void takesIdsAsWell() {
        const QJsonArray ids = expected.value("ids"_L1).toArray();
        const JsonAnswer many = embed({{u"input"_s, ids}}), one = embed({{u"input"_s, ids.at(3)}});
        QCOMPARE(many.json.value("data"_L1).toArray().size(), ids.size());
        QVERIFY(largestDifference(vectorOf(many, 3), numbers(expected.value("vectors"_L1).toArray().at(3))) < 2e-6);
        QCOMPARE(vectorOf(one), vectorOf(many, 3));
    }

    void speaksBase64() {
        const QJsonValue text = expected.value("texts"_L1).toArray().at(3);
        const QList<double> plain = vectorOf(embed({{u"input"_s, text}}));
        const JsonAnswer answer = embed({{u"input"_s, text}, {u"encoding_format"_s, u"base64"_s}});
        const QByteArray bytes = QByteArray::fromBase64(
            answer.json.value("data"_L1).toArray().at(0).toObject().value("embedding"_L1).toString().toLatin1());
        QCOMPARE(bytes.size(), plain.size() * 4);
        // Both forms tell the same float32.
        for (qsizetype i = 0; i < plain.size(); ++i) QCOMPARE(qFromLittleEndian<float>(bytes.data() + 4 * i), float(plain[i]));
    }

    void shortensVectors() {
        const QList<double> whole = vectorOf(embed({{u"input"_s, u"A dog!"_s}})), part = whole.first(8);
        const QList<double> shorter = vectorOf(embed({{u"input"_s, u"A dog!"_s}, {u"dimensions"_s, 8}}));
        QCOMPARE(shorter.size(), 8);
        QVERIFY(std::abs(lengthOf(shorter) - 1) < 1e-6);
        for (qsizetype i = 0; i < 8; ++i) QVERIFY(std::abs(shorter[i] - part[i] / lengthOf(part)) < 1e-6);
        const JsonAnswer tooMany = embed({{u"input"_s, u"A dog!"_s}, {u"dimensions"_s, 25}});
        QCOMPARE(tooMany.status, 400);
        QCOMPARE(tooMany.error().value("param"_L1), u"dimensions"_s);
        QVERIFY(tooMany.error().value("message"_L1).toString().contains(u"24"_s));
    }

    void refusesWhatItCannotEmbed() {
        for (const auto &[more, param] : QList<std::pair<QJsonObject, QString>>{
                 {{}, u"input"_s},
                 {{{u"input"_s, QJsonArray()}}, u"input"_s},
                 {{{u"input"_s, QJsonArray{u"a"_s, 3}}}, u"input"_s},
                 {{{u"input"_s, u"a"_s}, {u"encoding_format"_s, u"int8"_s}}, u"encoding_format"_s},
                 {{{u"input"_s, u"a"_s}, {u"dimensions"_s, 0}}, u"dimensions"_s}}) {
            const JsonAnswer answer = embed(more);
            QCOMPARE(answer.status, 400);
            QCOMPARE(answer.error().value("param"_L1), param);
        }
        QJsonArray many;
        for (int i = 0; i < 2049; ++i) many.append(u"a"_s);
        QCOMPARE(embed({{u"input"_s, many}}).status, 400);
        // Its tokenizer says 40.
        QCOMPARE(embed({{u"input"_s, u"cat "_s.repeated(38)}}).status, 200);
        const JsonAnswer tooLong = embed({{u"input"_s, u"cat "_s.repeated(39)}});
        QCOMPARE(tooLong.status, 400);
        QCOMPARE(tooLong.code(), u"context_length_exceeded"_s);
        QCOMPARE(embed({{u"input"_s, QJsonArray{5000}}}).status, 400);
        QCOMPARE(embed({{u"model"_s, u"other"_s}, {u"input"_s, u"a"_s}}).status, 404);
    }

    void doesNotWriteText() {
        const JsonAnswer answer =
            rig->ask("POST", "/v1/completions", {{u"model"_s, u"sentences"_s}, {u"prompt"_s, u"The cat"_s}});
        QCOMPARE(answer.status, 400);
        QVERIFY(answer.error().value("message"_L1).toString().contains(u"embeddings"_s));
        QVERIFY(embed({{u"input"_s, u"a"_s}}).status == 200);  // and goes on
    }

    void embedsManyTextsInOrder() {
        QJsonArray texts;
        for (int i = 0; i < 600; ++i) texts.append(i % 2 == 0 ? u"A dog!"_s : u"The cat sat on the mat."_s);
        const JsonAnswer answer = embed({{u"input"_s, texts}});
        QCOMPARE(answer.json.value("data"_L1).toArray().size(), 600);
        const QList<double> dog = vectorOf(answer, 0), cat = vectorOf(answer, 1);
        QVERIFY(dog != cat);
        for (int i = 0; i < 600; ++i) QCOMPARE(vectorOf(answer, i), i % 2 == 0 ? dog : cat);
    }

    /// Downloaded and quantized, the folders of its pooling and its product too; under its name and its repository's.
    void comesFromTheHub() {
        ServerRig other;
        other.hub.addRepository(u"some/sentences"_s, QStringLiteral(MILLM_FIXTURES "/sentence-model"));
        const JsonAnswer added =
            other.ask("POST", "/api/models",
                      {{u"source"_s, u"huggingface"_s}, {u"repo_id"_s, u"some/sentences"_s}, {u"quantization"_s, u"Q8"_s}});
        QVERIFY2(added.status == 201 || added.status == 202, added.raw.body.constData());
        const QByteArray path = "/api/models/" + QByteArray::number(added.data().toObject().value("id"_L1).toInteger());
        QTRY_COMPARE_WITH_TIMEOUT(other.ask("GET", path).data().toObject().value("status"_L1), u"ready"_s, 60000);
        QCOMPARE(other.ask("POST", path + "/load?wait=true", {{u"force"_s, true}}).status, 200);
        const QString text = expected.value("texts"_L1).toArray().at(3).toString();
        const QList<double> reference = numbers(expected.value("vectors"_L1).toArray().at(3));
        for (const QString &name : {u"sentences"_s, u"some/sentences"_s}) {
            const QList<double> vector =
                vectorOf(other.ask("POST", "/v1/embeddings", {{u"model"_s, name}, {u"input"_s, text}}));
            QCOMPARE(vector.size(), reference.size());
            QVERIFY(largestDifference(vector, reference) < 0.05);
        }
        QCOMPARE(other.ask("GET", "/v1/models/some%2Fsentences").status, 200);
        QCOMPARE(other.ask("POST", "/v1/embeddings", {{u"model"_s, u"other/sentences"_s}, {u"input"_s, text}}).status, 404);
    }

    void aModelThatWritesTextEmbedsToo() {
        ServerRig other;
        other.load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
        const JsonAnswer answer = other.ask("POST", "/v1/embeddings", {{u"model"_s, u"sample"_s}, {u"input"_s, u"The sea"_s}});
        QCOMPARE(answer.status, 200);
        QVERIFY(std::abs(lengthOf(vectorOf(answer)) - 1) < 1e-5);
    }
};

QTEST_GUILESS_MAIN(EmbeddingsTest)
#include "embeddings_test.moc"
