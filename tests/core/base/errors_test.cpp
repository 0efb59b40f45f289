#include "core/base/errors.h"

#include <QSet>
#include <QTest>

namespace millm {

class ErrorsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyCodeHasItsOwnId();
    void sentencesOfTheRequirement_data();
    void sentencesOfTheRequirement();
    void numbersOfMemoryAndDisk();
    void sizesInWords_data();
    void sizesInWords();
    void mebibytesAreRoundedUp();
    void engineErrorsKeepTheirNumbers();
};

void ErrorsTest::everyCodeHasItsOwnId() {
    QSet<QString> seen;
    for (int code = 0; code <= int(ErrorCode::Internal); ++code) seen.insert(errorId(ErrorCode(code)));
    QCOMPARE(seen.size(), int(ErrorCode::Internal) + 1);
    QCOMPARE(errorId(ErrorCode::ModelNotFound), QLatin1StringView("MODEL_NOT_FOUND"));
    QCOMPARE(errorId(ErrorCode::GatedModelNoToken), QLatin1StringView("GATED_MODEL_NO_TOKEN"));
    QCOMPARE(errorId(ErrorCode::InvalidHfToken), QLatin1StringView("INVALID_HF_TOKEN"));
}

void ErrorsTest::sentencesOfTheRequirement_data() {
    QTest::addColumn<Error>("error");
    QTest::addColumn<QString>("words");
    QTest::newRow("EC-1.1") << errors::insufficientDisk(5'400'000'000, 1'200'000'000)
                            << QStringLiteral("Insufficient disk space. Need 5.4 GB, only 1.2 GB available.");
    QTest::newRow("EC-1.2")
        << errors::insufficientMemory(1, 9'000'000'000, 8'100'000'000, true)
        << QStringLiteral(
               "Warning: Model requires ~9.0 GB VRAM, only 8.1 GB available. Loading may fail or cause system instability.");
    QTest::newRow("EC-1.2 without a GPU")
        << errors::insufficientMemory(1, 9'000'000'000, 8'100'000'000, false)
        << QStringLiteral(
               "Warning: Model requires ~9.0 GB memory, only 8.1 GB available. Loading may fail or cause system instability.");
    QTest::newRow("EC-1.3") << errors::networkFailed()
                            << QStringLiteral("Download failed: Network error. Please check connection and try again.");
    QTest::newRow("EC-1.4") << errors::repoNotFound(QStringLiteral("no/thing"))
                            << QStringLiteral("Model not found: 'no/thing' does not exist on HuggingFace.");
    QTest::newRow("EC-1.5") << errors::invalidLocalPath(QStringLiteral("/nowhere"))
                            << QStringLiteral(
                                   "Invalid model path: Directory does not exist or does not contain valid model files.");
    QTest::newRow("EC-1.6") << errors::outOfMemory(3)
                            << QStringLiteral("Out of memory loading model. Try a smaller model or higher quantization (Q4).");
}

void ErrorsTest::sentencesOfTheRequirement() {
    QFETCH(Error, error);
    QFETCH(QString, words);
    QCOMPARE(error.message, words);
}

void ErrorsTest::numbersOfMemoryAndDisk() {
    const auto memory = errors::insufficientMemory(7, (qint64(3) << 30) + 1, qint64(2) << 30, true);
    QCOMPARE(memory.code, ErrorCode::InsufficientMemory);
    QCOMPARE(memory.details.value(QStringLiteral("required_memory")).toInteger(), 3073);
    QCOMPARE(memory.details.value(QStringLiteral("available_memory")).toInteger(), 2048);
    QCOMPARE(memory.details.value(QStringLiteral("model_id")).toInteger(), 7);
    const auto disk = errors::insufficientDisk(qint64(5) << 40, 0);
    QCOMPARE(disk.details.value(QStringLiteral("required_disk")).toInteger(), qint64(5) << 20);
    QCOMPARE(disk.details.value(QStringLiteral("available_disk")).toInteger(), 0);
    QVERIFY(!disk.details.contains(QStringLiteral("model_id")));
    // Two numbers that round to the same words would say nothing.
    QCOMPARE(errors::insufficientDisk(1'810'000'000, 1'790'000'000).message,
             QStringLiteral("Insufficient disk space. Need 1.9 GB, only 1.7 GB available."));
    QCOMPARE(errors::insufficientDisk(30'000'000, 9'000'000).message,
             QStringLiteral("Insufficient disk space. Need 0.03 GB, only 0.0 GB available."));
}

void ErrorsTest::sizesInWords_data() {
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QString>("words");
    QTest::newRow("a model") << qint64(1'800'000'000) << QStringLiteral("1.8 GB");
    QTest::newRow("past 32 bits") << qint64(140'000'000'000) << QStringLiteral("140.0 GB");
    QTest::newRow("small") << qint64(40'000'000) << QStringLiteral("0.04 GB");
    QTest::newRow("tiny") << qint64(100'000) << QStringLiteral("0.0001 GB");
    QTest::newRow("none") << qint64(0) << QStringLiteral("0.0 GB");
}

void ErrorsTest::sizesInWords() {
    QFETCH(qint64, bytes);
    QFETCH(QString, words);
    QCOMPARE(errors::gigabytes(bytes), words);
}

void ErrorsTest::mebibytesAreRoundedUp() {
    QCOMPARE(errors::mebibytes(0), 1);
    QCOMPARE(errors::mebibytes(1), 1);
    QCOMPARE(errors::mebibytes(1 << 20), 1);
    QCOMPARE(errors::mebibytes((1 << 20) + 1), 2);
    QCOMPARE(errors::mebibytes(qint64(1) << 50), qint64(1) << 30);
}

void ErrorsTest::engineErrorsKeepTheirNumbers() {
    const auto length =
        errors::fromEngine({engine::ErrorCode::ContextLength, "The prompt has 900 tokens, the model takes 512.", 900, 512});
    QCOMPARE(length.code, ErrorCode::ContextLengthExceeded);
    QCOMPARE(length.details.value(QStringLiteral("prompt_tokens")).toInteger(), 900);
    QCOMPARE(length.details.value(QStringLiteral("max_tokens")).toInteger(), 512);
    QCOMPARE(errors::fromEngine({engine::ErrorCode::NeedsRemoteCode, "auto_map"}).code, ErrorCode::RemoteCodeRequired);
    QCOMPARE(errors::fromEngine({engine::ErrorCode::InvalidFile, "x"}).code, ErrorCode::Internal);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::ErrorsTest)
#include "errors_test.moc"
