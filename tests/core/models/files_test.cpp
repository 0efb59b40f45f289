#include "core/models/model_files.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace millm {

class FilesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void foldersBearRepositoryAndScheme();
    void findsFinishedDownloads();
    void checksLocalPaths();
    void removesOnlyWhatLiesInTheCache();
    void knowsTheCacheOfADownload();
    void knowsWhereWeightsOfLinkedModelsLie();
    void neverFollowsLinks();
    void linksNeverTouchWhatTheyPointAt();

private:
    static void write(const QString &path, const QByteArray &content = "{}") {
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
};

void FilesTest::foldersBearRepositoryAndScheme() {
    QCOMPARE(files::downloadFolder(QStringLiteral("/c"), QStringLiteral("google/gemma-2-2b"), engine::Scheme::NF4),
             QStringLiteral("/c/huggingface/google--gemma-2-2b--Q4"));
    QCOMPARE(files::localLink(QStringLiteral("/c"), QStringLiteral("mine")), QStringLiteral("/c/local/mine"));
    QCOMPARE(files::localLink(QStringLiteral("/c"), QStringLiteral("..")), QStringLiteral("/c/local/@.."));
    // No two names have one link.
    QSet<QString> links;
    const QStringList names = {".", "..", "...", "model-..", "model-.", "a"};
    for (const QString &name : names) links.insert(files::localLink(QStringLiteral("/c"), name));
    QCOMPARE(links.size(), names.size());
}

void FilesTest::findsFinishedDownloads() {
    QTemporaryDir cache;
    write(cache.filePath(QStringLiteral("huggingface/a--b--Q8/config.json")));
    write(cache.filePath(QStringLiteral("huggingface/a--c--FP16/config.json")));
    write(cache.filePath(QStringLiteral("huggingface/a--d--Q3/config.json")));
    write(cache.filePath(QStringLiteral("huggingface/a--e--Q4/README.md")));
    write(cache.filePath(QStringLiteral("huggingface/other/config.json")));
    const auto found = files::finishedDownloads(cache.path());
    QCOMPARE(found.size(), 2);
    QCOMPARE(found[0].repoId, QStringLiteral("a/b"));
    QCOMPARE(found[0].scheme, engine::Scheme::Int8);
    QCOMPARE(found[1].scheme, engine::Scheme::Plain);
    QVERIFY(files::finishedDownloads(cache.filePath(QStringLiteral("nowhere"))).isEmpty());
}

void FilesTest::checksLocalPaths() {
    QTemporaryDir cache, outside;
    write(outside.filePath(QStringLiteral("m/config.json")));
    write(outside.filePath(QStringLiteral("empty/x")));
    write(cache.filePath(QStringLiteral("huggingface/a--b--Q8/config.json")));
    const QString real = QFileInfo(outside.filePath(QStringLiteral("m"))).canonicalFilePath();
    QCOMPARE(*files::checkLocalPath(outside.filePath(QStringLiteral("m/")), cache.path()), real);
    QVERIFY(QFile::link(real, outside.filePath(QStringLiteral("link"))));
    QCOMPARE(*files::checkLocalPath(outside.filePath(QStringLiteral("link")), cache.path()), real);
    QVERIFY(QFile::link(cache.filePath(QStringLiteral("huggingface/a--b--Q8")), outside.filePath(QStringLiteral("sly"))));
    const QStringList wrong{QStringLiteral("m"),
                            QStringLiteral("./m"),
                            QString(),
                            outside.filePath(QStringLiteral("nowhere")),
                            outside.filePath(QStringLiteral("empty")),
                            outside.filePath(QStringLiteral("m/config.json")),
                            outside.filePath(QStringLiteral("empty/../m")),
                            outside.filePath(QStringLiteral("m")) + QChar(0) + QStringLiteral("x"),
                            cache.filePath(QStringLiteral("huggingface/a--b--Q8")),
                            outside.filePath(QStringLiteral("sly"))};
    for (const auto &path : wrong) {
        const auto checked = files::checkLocalPath(path, cache.path());
        QVERIFY2(!checked, qPrintable(path));
        QCOMPARE(checked.error().code, ErrorCode::InvalidLocalPath);
    }
}

void FilesTest::removesOnlyWhatLiesInTheCache() {
    QTemporaryDir cache, outside;
    const QString folder = cache.filePath(QStringLiteral("huggingface/a--b--Q8"));
    write(folder + QStringLiteral("/deep/er/config.json"));
    write(outside.filePath(QStringLiteral("x")));
    for (const auto &path :
         {outside.path(), cache.path(), cache.filePath(QStringLiteral("huggingface")), folder + QStringLiteral("/deep"),
          cache.filePath(QStringLiteral("huggingface/../huggingface/a--b--Q8")),
          cache.filePath(QStringLiteral("huggingface/.."))})
        QVERIFY2(!files::removeDownload(cache.path(), path), qPrintable(path));
    QVERIFY(QFile::exists(outside.filePath(QStringLiteral("x"))));
    QVERIFY(QFile::exists(folder + QStringLiteral("/deep/er/config.json")));
    QVERIFY(files::removeDownload(cache.path(), folder).ok());
    QVERIFY(!QFile::exists(folder));
    QVERIFY(files::removeDownload(cache.path(), folder).ok());  // gone is what was wanted
}

/// A folder in an earlier cache is known by its form, and nothing else is.
void FilesTest::knowsTheCacheOfADownload() {
    const auto cacheOf = [](const char *folder) {
        return files::cacheOf(QString::fromLatin1(folder), QStringLiteral("a/b"), engine::Scheme::Int8);
    };
    QCOMPARE(cacheOf("/old/models/huggingface/a--b--Q8"), QStringLiteral("/old/models"));
    for (const char *folder : {"/old/models/huggingface/a--b--Q4", "/old/models/huggingface/a--c--Q8", "/old/a--b--Q8",
                               "/home/me", "/old/huggingface/../huggingface/a--b--Q8", "/old/huggingface/a--b--Q8/x", "/", ""})
        QVERIFY2(cacheOf(folder).isEmpty(), folder);
}

void FilesTest::knowsWhereWeightsOfLinkedModelsLie() {
    Model model;
    model.source = ModelSource::Local;
    model.name = QStringLiteral("mine");
    model.localPath = QStringLiteral("/srv/My model");
    model.cachePath = QStringLiteral("/c/local/mine");
    const QString folder = files::weightsOf(model);
    QVERIFY2(folder.startsWith(QStringLiteral("/c/quantized/@My-model-Q4-")), qPrintable(folder));
    // The name does not count; folder, scheme and cache do.
    Model other = model;
    other.name = QStringLiteral("..");
    other.cachePath = files::localLink(QStringLiteral("/c"), other.name);
    QCOMPARE(files::weightsOf(other), folder);
    other.localPath = QStringLiteral("/srv/elsewhere/My model");
    QVERIFY(files::weightsOf(other) != folder);
    other = model;
    other.quantization = engine::Scheme::Int8;
    QVERIFY(files::weightsOf(other) != folder);
    other = model;
    other.cachePath = QStringLiteral("/d/local/mine");
    QVERIFY(files::weightsOf(other).startsWith(QStringLiteral("/d/quantized/")));
    // A folder's name may be as long as a file system has it.
    other.localPath = QStringLiteral("/srv/") + QString(255, QLatin1Char('a'));
    QVERIFY(QFileInfo(files::weightsOf(other)).fileName().size() < 200);
    // None of those that are not quantized, whose files are the cache's, or whose link is somewhere else.
    other = model;
    other.quantization = engine::Scheme::Plain;
    QCOMPARE(files::weightsOf(other), QString());
    other = model;
    other.kept = true;
    QCOMPARE(files::weightsOf(other), QString());
    other = model;
    other.cachePath = QStringLiteral("/c/somewhere/mine");
    QCOMPARE(files::weightsOf(other), QString());
}

void FilesTest::neverFollowsLinks() {
    QTemporaryDir cache, outside;
    write(outside.filePath(QStringLiteral("kept")), QByteArray(1000, 'x'));
    const QString folder = cache.filePath(QStringLiteral("huggingface/a--b--Q8"));
    write(folder + QStringLiteral("/config.json"));
    QVERIFY(QFile::link(outside.path(), folder + QStringLiteral("/inner")));
    QCOMPARE(files::bytesOf(folder), 2);
    QVERIFY(files::removeDownload(cache.path(), folder).ok());
    QVERIFY(QFile::exists(outside.filePath(QStringLiteral("kept"))));
    QVERIFY(QFile::link(outside.path(), folder));
    QVERIFY(files::removeDownload(cache.path(), folder).ok());
    QVERIFY(QFile::exists(outside.filePath(QStringLiteral("kept"))));
}

void FilesTest::linksNeverTouchWhatTheyPointAt() {
    QTemporaryDir cache, outside;
    write(outside.filePath(QStringLiteral("config.json")));
    const QString link = files::localLink(cache.path(), QStringLiteral("mine"));
    QVERIFY(files::makeLink(link, outside.path()).ok());
    QVERIFY(files::looksLikeModel(link));
    QVERIFY(files::makeLink(link, outside.path()).ok());  // again
    QVERIFY(!files::removeLink(cache.path(), outside.path()));
    QVERIFY(files::removeLink(cache.path(), link));
    QVERIFY(!QFileInfo(link).isSymLink());
    QVERIFY(QFile::exists(outside.filePath(QStringLiteral("config.json"))));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::FilesTest)
#include "files_test.moc"
