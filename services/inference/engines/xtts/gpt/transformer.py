"""The stack of blocks of the GPT, taken from coqui's module."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.inference.engines.xtts.gpt.linears import Linear, make_linear
from services.inference.engines.xtts.gpt.precision import Precision

if TYPE_CHECKING:
    from TTS.tts.layers.xtts.gpt import GPT


class Attention(Protocol):
    """How the queries of some rows see the keys and values of their own utterances."""

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Keeps the new keys and values and returns what the queries gather.

        All are of shape (rows, heads, head size), and so is the result.
        """


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation in float32."""

    weight: Tensor
    bias: Tensor
    epsilon: float

    @classmethod
    def of(cls, norm: nn.LayerNorm, device: torch.device) -> "Norm":
        """Shares the weights of another."""
        weight, bias = (
            part.detach().to(device, torch.float32) for part in (norm.weight, norm.bias)
        )
        return cls(weight, bias, norm.eps)

    def __call__(self, rows: Tensor) -> Tensor:
        """Normalises rows of shape (rows, width)."""
        return functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Block:
    """One layer: attention, then a feed-forward network, each behind a norm of its own."""

    attention_norm: Norm
    query_key_value: Linear
    attention_out: Linear
    feed_forward_norm: Norm
    widen: Linear
    narrow: Linear

    @property
    def linears(self) -> tuple[Linear, Linear, Linear, Linear]:
        """Its matrices, in the order in which they are used."""
        return self.query_key_value, self.attention_out, self.widen, self.narrow


class Transformer:
    """The blocks and the last norm; activations between the matrices are float32."""

    def __init__(
        self, gpt: "GPT", precision: Precision, device: torch.device, *, consume: bool
    ) -> None:
        """Copies the weights of a coqui module; `consume` empties its blocks one by one.

        With `consume` the module decodes no more, and the copy takes no memory beside it.
        """
        self.head_count: int = gpt.heads
        self.width: int = gpt.model_dim
        self.head_size = self.width // self.head_count
        self.blocks = [_block(block, precision, device, consume=consume) for block in gpt.gpt.h]
        self._last_norm = Norm.of(gpt.gpt.ln_f, device)

    @property
    def memory_bytes(self) -> int:
        """What the matrices take."""
        return sum(linear.memory_bytes for block in self.blocks for linear in block.linears)

    def __call__(self, rows: Tensor, attention: Attention) -> Tensor:
        """Maps embeddings of shape (rows, width) to hidden states of the same shape."""
        shape = (-1, 3, self.head_count, self.head_size)
        for layer, block in enumerate(self.blocks):
            mixed = block.query_key_value(block.attention_norm(rows)).view(shape)
            seen = attention(layer, *mixed.unbind(1))
            rows = rows + block.attention_out(seen.reshape(-1, self.width))
            inner = functional.gelu(block.widen(block.feed_forward_norm(rows)), approximate="tanh")
            rows = rows + block.narrow(inner)
        return self._last_norm(rows)


def _block(block: Any, precision: Precision, device: torch.device, *, consume: bool) -> Block:  # noqa: ANN401 - of transformers
    def linear(projection: Any) -> Linear:  # noqa: ANN401
        # GPT-2 keeps its matrices as (in, out).
        made = make_linear(projection.weight.T, projection.bias, precision, device)
        if consume:
            projection.weight = nn.Parameter(torch.empty(0), requires_grad=False)
        return made

    return Block(
        attention_norm=Norm.of(block.ln_1, device),
        query_key_value=linear(block.attn.c_attn),
        attention_out=linear(block.attn.c_proj),
        feed_forward_norm=Norm.of(block.ln_2, device),
        widen=linear(block.mlp.c_fc),
        narrow=linear(block.mlp.c_proj),
    )
