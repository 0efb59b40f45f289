#include "tests/support/hub_fixture.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QtEndian>

namespace millm::testing {
namespace {

struct Tensor {
    QString name;
    QList<int> shape;
};

QList<Tensor> tensorsOf(const LlamaSpec &spec) {
    QList<Tensor> all = {{"model.embed_tokens.weight", {spec.vocab, spec.hidden}}};
    for (int layer = 0; layer < spec.layers; ++layer) {
        const QString at = QStringLiteral("model.layers.%1.").arg(layer);
        for (const char *name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"})
            all.append({at + name + ".weight", {spec.hidden, spec.hidden}});
        all.append({at + "mlp.gate_proj.weight", {spec.intermediate, spec.hidden}});
        all.append({at + "mlp.up_proj.weight", {spec.intermediate, spec.hidden}});
        all.append({at + "mlp.down_proj.weight", {spec.hidden, spec.intermediate}});
        all.append({at + "input_layernorm.weight", {spec.hidden}});
        all.append({at + "post_attention_layernorm.weight", {spec.hidden}});
    }
    all.append({"model.norm.weight", {spec.hidden}});
    all.append({"lm_head.weight", {spec.vocab, spec.hidden}});
    return all;
}

void writeSafetensors(const QString &path, const QList<Tensor> &tensors, const LlamaSpec &spec) {
    QJsonObject header{{"__metadata__", QJsonObject{{"format", "pt"}}}};
    qint64 offset = 0;
    for (const Tensor &tensor : tensors) {
        qint64 bytes = 4;
        QJsonArray shape;
        for (const int size : tensor.shape) {
            bytes *= size;
            shape.append(size);
        }
        header.insert(tensor.name,
                      QJsonObject{{"dtype", "F32"}, {"shape", shape}, {"data_offsets", QJsonArray{offset, offset + bytes}}});
        offset += bytes;
    }
    QByteArray json = QJsonDocument(header).toJson(QJsonDocument::Compact);
    json.append(QByteArray((8 - json.size() % 8) % 8, ' '));
    QByteArray length(8, 0);
    qToLittleEndian<quint64>(quint64(json.size()), length.data());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write %s", qPrintable(path));
    file.write(length + json);
    if (spec.sparse) {
        file.resize(length.size() + json.size() + offset);
        return;
    }
    QRandomGenerator random(spec.seed);
    QList<float> block;
    for (qint64 done = 0; done < offset; done += 4) {
        block.append(float(random.generateDouble() - 0.5));
        if (block.size() == 65536 || done + 4 == offset) {
            file.write(reinterpret_cast<const char *>(block.constData()), block.size() * 4);
            block.clear();
        }
    }
}

}  // namespace

void writeFile(const QString &path, const QByteArray &content) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) qFatal("cannot write %s", qPrintable(path));
}

QByteArray readFile(const QString &path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList filesBelow(const QString &folder) {
    QStringList files;
    QDirIterator walk(folder, QDir::Files | QDir::Hidden | QDir::System, QDirIterator::Subdirectories);
    while (walk.hasNext()) files.append(QDir(folder).relativeFilePath(walk.next()));
    files.sort();
    return files;
}

void writeLlama(const QString &folder, const LlamaSpec &spec) {
    QDir().mkpath(folder);
    const QJsonObject config{{"architectures", QJsonArray{"LlamaForCausalLM"}},
                             {"model_type", "llama"},
                             {"vocab_size", spec.vocab},
                             {"hidden_size", spec.hidden},
                             {"intermediate_size", spec.intermediate},
                             {"num_hidden_layers", spec.layers},
                             {"num_attention_heads", spec.heads},
                             {"num_key_value_heads", spec.heads},
                             {"max_position_embeddings", 256},
                             {"rms_norm_eps", 1e-6},
                             {"rope_theta", 10000.0},
                             {"hidden_act", "silu"},
                             {"tie_word_embeddings", false},
                             {"torch_dtype", "float32"}};
    writeFile(folder + "/config.json", QJsonDocument(config).toJson());
    writeFile(folder + "/generation_config.json", "{\"eos_token_id\": 2}\n");
    writeFile(folder + "/tokenizer.json", "{\"version\": \"1.0\"}\n");
    writeFile(folder + "/README.md", "---\nlicense: apache-2.0\n---\n# A test's model\n");
    writeFile(folder + "/modeling_secret.py", "print('never fetched')\n");
    writeFile(folder + "/onnx/model.onnx", "never fetched");
    const QList<Tensor> all = tensorsOf(spec);
    if (spec.shards == 1) return writeSafetensors(folder + "/model.safetensors", all, spec);
    QJsonObject map;
    for (int shard = 0; shard < spec.shards; ++shard) {
        const QString name = QStringLiteral("model-%1-of-%2.safetensors")
                                 .arg(shard + 1, 5, 10, QLatin1Char('0'))
                                 .arg(spec.shards, 5, 10, QLatin1Char('0'));
        const qsizetype first = all.size() * shard / spec.shards, last = all.size() * (shard + 1) / spec.shards;
        LlamaSpec own = spec;
        own.seed += quint32(shard);
        writeSafetensors(folder + '/' + name, all.mid(first, last - first), own);
        for (const Tensor &tensor : all.mid(first, last - first)) map.insert(tensor.name, name);
    }
    writeFile(folder + "/model.safetensors.index.json", QJsonDocument(QJsonObject{{"weight_map", map}}).toJson());
}

QByteArray writeHubCache(const QString &cache, const QString &repoId, const QString &folder) {
    const HubSnapshot snapshot = HubSnapshot::of(folder);
    const QString root = cache + "/models--" + QString(repoId).replace('/', "--");
    writeFile(root + "/refs/main", snapshot.commit);
    for (const HubSnapshotFile &file : snapshot.files) {
        const QString name = QString::fromLatin1(file.lfs ? file.sha256 : file.oid);
        QDir().mkpath(root + "/blobs");
        QFile::copy(file.source, root + "/blobs/" + name);
        const QString link = root + "/snapshots/" + QString::fromLatin1(snapshot.commit) + '/' + file.path;
        QDir().mkpath(QFileInfo(link).path());
        const QString up = QString("../").repeated(file.path.count('/') + 2);
        QFile::link(up + "blobs/" + name, link);
    }
    return snapshot.commit;
}

Settings hubSettings(const HubEmulator &hub, const QString &token, const QString &hubCache) {
    Settings settings;
    settings.hfEndpoint = hub.endpoint();
    settings.hfToken = token;
    settings.hfHubCache = hubCache;
    return settings;
}

HubTiming quickTiming() {
    using std::chrono::milliseconds;
    HubTiming timing;
    timing.answer = milliseconds(20'000);
    timing.stall = milliseconds(20'000);
    timing.pauses = {milliseconds(5), milliseconds(10), milliseconds(20)};
    timing.longestMetadataWait = milliseconds(3'000);
    timing.breakerRest = milliseconds(300);
    return timing;
}

}  // namespace millm::testing
