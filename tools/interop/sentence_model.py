"""A small model as sentence-transformers saves it, with the vectors that it gives: tests/fixtures/sentence-model.

    ./dev interop python tools/interop/sentence_model.py tests/fixtures/sentence-model
"""

import json
import pathlib
import shutil
import sys
import tempfile

import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

texts = ["The cat sat on the mat.", "A dog!", "", "What does the model say about café prices in Zürich, and why?",
         "cat " * 30]
corpus = ["the cat sat on the mat", "a dog ran after the cat", "what does the model say about prices", "coffee in Zurich is not cheap",
          "why is the sky blue and the grass green", "numbers like 1 2 3 and 42"]


def tokenizer():
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(corpus, tokenizers.trainers.WordPieceTrainer(vocab_size=200, special_tokens=special))
    pairs = [(token, made.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    made.post_processor = tokenizers.processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=pairs)
    return transformers.BertTokenizerFast(tokenizer_object=made, model_max_length=40)


def main(folder: pathlib.Path) -> None:
    torch.manual_seed(7)
    words = tokenizer()
    config = transformers.BertConfig(vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                     intermediate_size=48, max_position_embeddings=64)
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.dim() > 1:
                value.normal_(0, 0.3)
            else:
                value.add_(0.2 * torch.randn_like(value))
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        words.save_pretrained(temporary)
        whole = SentenceTransformer(modules=[Transformer(temporary), Pooling(32, "mean"), Dense(32, 24), Normalize()], device="cpu")
        vectors = whole.encode(texts, batch_size=len(texts))
        shutil.rmtree(folder, ignore_errors=True)
        made = pathlib.Path(temporary) / "saved"
        whole.save(str(made), create_model_card=False)
        # With the modes of a source tree, not of a temporary folder.
        for file in sorted(made.rglob("*")):
            target = folder / file.relative_to(made)
            if file.is_dir():
                target.mkdir(parents=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    longest = whole.max_seq_length
    ids = [words(text, truncation=True, max_length=longest)["input_ids"] for text in texts]
    (folder / "expected.json").write_text(json.dumps({
        "sentence_transformers_version": sentence_transformers.__version__, "max_seq_length": longest,
        "texts": texts, "ids": ids, "vectors": [[round(float(value), 8) for value in vector] for vector in vectors]}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
