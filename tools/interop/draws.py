"""What a small random model may look like: the dice that the families' functions throw."""

import random


class Draw:
    """Seeded choices. `small` keeps a model under 120 KB as a fixture."""

    def __init__(self, family: str, seed: int, small: bool = False):
        self.random = random.Random(f"{family}/{seed}")
        self.small = small

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def real(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 4)

    # ---- sizes -----------------------------------------------------------------------------------

    def layers(self, least: int = 2) -> int:
        return least + (0 if self.small else self.between(0, 2))

    def vocab(self) -> int:
        return self.between(53, 67) if self.small else self.between(61, 190)

    def hidden(self) -> int:
        """Mostly no multiple of 64, so that blocks of 64 straddle rows."""
        return self.pick(24, 32, 36) if self.small else self.pick(24, 40, 48, 56, 64, 72, 96, 128)

    def inner(self) -> int:
        return self.pick(36, 40, 44) if self.small else self.pick(40, 52, 64, 80, 104, 128, 192)

    def expert_inner(self) -> int:
        return self.pick(12, 16, 20) if self.small else self.pick(16, 20, 36, 64)

    def heads(self) -> int:
        return self.pick(2, 4) if self.small else self.pick(1, 2, 3, 4, 6)

    def kv_heads(self, heads: int) -> int:
        return self.pick(*[count for count in range(1, heads + 1) if heads % count == 0])

    def head_dim(self) -> int:
        return self.pick(8, 12) if self.small else self.pick(8, 10, 12, 16, 20, 24, 32)

    def window(self) -> int:
        """Smaller than most prompts."""
        return self.pick(3, 5, 8, 13) if not self.small else self.pick(5, 8)

    def epsilon(self) -> float:
        """Of a norm. The usual ones hardly show in what is computed, the large ones do."""
        return self.pick(1e-5, 1e-6, 1e-3, 0.02)

    def positions(self) -> int:
        return 160

    # ---- groups of fields ------------------------------------------------------------------------

    def base(self, *, act: str | None = "silu", eps: str | None = "rms_norm_eps", tie: bool | None = None,
             head_dim: bool = True, kv: bool = True, inner: bool = True) -> dict:
        """The fields that most configurations share. Without `head_dim` the heads divide the hidden size."""
        heads = self.heads()
        size = self.head_dim()
        fields = {
            "vocab_size": self.vocab(),
            # Some configuration classes want a multiple of the heads, though the heads have a size of their own.
            "hidden_size": -(-self.hidden() // heads) * heads if head_dim else heads * size,
            "num_hidden_layers": self.layers(),
            "num_attention_heads": heads,
            "max_position_embeddings": self.positions(),
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": None,
            "tie_word_embeddings": self.chance(0.4) if tie is None else tie,
        }
        if head_dim:
            fields["head_dim"] = size
        if kv:
            fields["num_key_value_heads"] = self.kv_heads(heads)
        if inner:
            fields["intermediate_size"] = self.inner()
        if act is not None:
            fields["hidden_act"] = self.pick(act, act, act, "gelu", "gelu_pytorch_tanh", "relu") if act == "silu" else act
        if eps is not None:
            fields[eps] = self.epsilon()
        return fields

    def rope(self, fields: dict, kinds: str = "default linear dynamic llama3 yarn longrope", *,
             partial: tuple = (), rotary: int | None = None) -> dict:
        """rope_parameters; `rotary` is the rotated width where it isn't the head's. May shorten max_position_embeddings."""
        head = rotary or fields.get("head_dim") or fields["hidden_size"] // fields["num_attention_heads"]
        choices = kinds.split()
        kind = self.pick("default", *choices)
        result = {"rope_type": kind, "rope_theta": self.pick(10000.0, 500000.0, 1000000.0, 100.0)}
        if partial:
            # Whole pairs only.
            factors = [factor for factor in partial if int(head * factor) % 2 == 0 and int(head * factor) > 2]
            result["partial_rotary_factor"] = self.pick(*(factors or [1.0]))
        width = int(head * result.get("partial_rotary_factor", 1.0))
        if kind != "default":
            result["factor"] = self.pick(2.0, 4.0, 8.0)
        if kind == "dynamic":
            # Shorter than most prompts, or it has no effect. Its formula divides by the width less two.
            if width <= 2:
                return self.rope(fields, "default", partial=partial, rotary=rotary)
            fields["max_position_embeddings"] = self.pick(12, 16, 160)
        elif kind == "llama3":
            result.update(low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=self.pick(16, 32, 64))
        elif kind == "yarn":
            result["original_max_position_embeddings"] = self.pick(16, 40)
            result["factor"] = fields["max_position_embeddings"] / result["original_max_position_embeddings"]
            if self.chance(0.3):
                result.update(beta_fast=16.0, beta_slow=2.0)
            if self.chance(0.3):
                result["attention_factor"] = self.real(0.8, 1.5)
            elif self.chance(0.3):
                result.update(mscale=1.0, mscale_all_dim=self.pick(0.7, 1.0))
            if self.chance(0.3):
                result["truncate"] = False
        elif kind == "longrope":
            # The switch between the two lists is crossed by no sequence here: keys cached before it would keep the short one.
            result["original_max_position_embeddings"] = self.pick(2, 158)
            result["short_factor"] = [self.real(1.0, 1.5) for _ in range(width // 2)]
            result["long_factor"] = [self.real(1.0, 6.0) for _ in range(width // 2)]
            if self.chance(0.5):
                del result["factor"]
        return result

    def pattern(self, layers: int, *kinds: str) -> list:
        """A kind for each layer, each of them at least once where there is room."""
        rest = [self.pick(*kinds) for _ in range(layers - len(kinds))]
        result = list(kinds)[:layers] + rest
        self.random.shuffle(result)
        return result

    def experts(self, top: str = "num_experts_per_tok", count: str = "num_experts") -> dict:
        number = self.pick(3, 4) if self.small else self.pick(3, 4, 5, 8)
        return {count: number, top: self.between(1, min(3, number - 1))}
