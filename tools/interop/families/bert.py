"""Encoders: attention that looks both ways, and no head that continues a text."""

from ..draws import Draw
from .table import encoder


def bert_fields(d: Draw, types: int, first_position: int) -> dict:
    fields = d.base(act=d.pick("gelu", "gelu", "gelu_new", "relu"), eps="layer_norm_eps", head_dim=False, kv=False)
    fields.update(type_vocab_size=types, pad_token_id=max(0, first_position - 1))
    fields["max_position_embeddings"] += first_position
    return fields


@encoder("bert")
def bert(d: Draw) -> dict:
    return bert_fields(d, d.pick(1, 2, 2), 0)


@encoder("roberta")
def roberta(d: Draw) -> dict:
    return bert_fields(d, 1, d.pick(2, 2, 1))


@encoder("xlm-roberta")
def xlm_roberta(d: Draw) -> dict:
    return bert_fields(d, 1, 2)


@encoder("camembert")
def camembert(d: Draw) -> dict:
    return bert_fields(d, 1, 2)


@encoder("modernbert")
def modernbert(d: Draw) -> dict:
    fields = d.base(act=None, eps="norm_eps", head_dim=False, kv=False)
    layers = fields["num_hidden_layers"] = d.layers(least=3)
    fields.update(hidden_activation=d.pick("gelu", "gelu", "silu"), local_attention=d.pick(4, 8, 16), norm_bias=d.chance(0.3),
                  attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3), pad_token_id=0, cls_token_id=1, sep_token_id=2)
    if d.chance(0.5):
        fields["layer_types"] = d.pattern(layers, "full_attention", "sliding_attention")
    fields["rope_parameters"] = {"full_attention": {"rope_type": "default", "rope_theta": d.pick(160000.0, 1000.0)},
                                 "sliding_attention": {"rope_type": "default", "rope_theta": d.pick(10000.0, 100.0)}}
    return fields
