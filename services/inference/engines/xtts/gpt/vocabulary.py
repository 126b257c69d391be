"""What surrounds the blocks: embeddings, the head of audio tokens, and the limits of a prompt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from services.chassis.errors import InvalidInputError
from services.inference.engines.xtts.gpt.linears import Linear, make_linear
from services.inference.engines.xtts.gpt.precision import Precision
from services.inference.engines.xtts.gpt.transformer import Norm

if TYPE_CHECKING:
    from TTS.tts.layers.xtts.gpt import GPT

_PLACEHOLDER_TOKEN = 1
"""What coqui's `GPT.compute_embeddings` fills the prompt with; its repetition penalty sees it."""


class Vocabulary:
    """Embeddings of text and audio tokens, and the way back from hidden states to logits."""

    def __init__(self, gpt: "GPT", device: torch.device, *, consume: bool) -> None:
        """Shares the tables of a coqui module, as float32; they are small.

        `consume` empties its heads: that of audio tokens is copied, and nobody infers texts.
        """
        self.start_token: int = gpt.start_audio_token
        self.stop_token: int = gpt.stop_audio_token
        self.max_audio_tokens: int = gpt.max_gen_mel_tokens
        self.max_text_tokens: int = gpt.max_text_tokens
        self.max_conditioning_positions = _conditioning_positions(gpt)
        self.audio_token_count: int = gpt.num_audio_tokens
        self.penalised_tokens = (_PLACEHOLDER_TOKEN, self.start_token)
        self._start_text_token: int = gpt.start_text_token
        self._stop_text_token: int = gpt.stop_text_token
        self._text = _table(gpt.text_embedding.weight, device)
        self._text_positions = _table(gpt.text_pos_embedding.emb.weight, device)
        self._audio = _table(gpt.mel_embedding.weight, device)
        self._audio_positions = _table(gpt.mel_pos_embedding.emb.weight, device)
        self._norm = Norm.of(gpt.final_norm, device)
        self.head: Linear = make_linear(
            gpt.mel_head.weight, gpt.mel_head.bias, Precision.FP32, device
        )
        if consume:
            for head in (gpt.mel_head, gpt.text_head):
                head.weight = nn.Parameter(torch.empty(0), requires_grad=False)

    @property
    def max_positions(self) -> int:
        """How long a sequence can become: conditioning, text, the start token and the audio."""
        return self.max_conditioning_positions + self.max_text_tokens + 1 + self.max_audio_tokens

    @property
    def memory_bytes(self) -> int:
        """What the tables and the head take."""
        tables = (self._text, self._text_positions, self._audio, self._audio_positions)
        return self.head.memory_bytes + sum(table.numel() * 4 for table in tables)

    def text_rows(self, tokens: Sequence[int]) -> Tensor:
        """Embeds a text with its start and stop tokens; of shape (tokens + 2, width).

        Raises InvalidInputError for more tokens than the model has positions for.
        """
        framed = [self._start_text_token, *tokens, self._stop_text_token]
        if len(framed) > self.max_text_tokens:
            raise InvalidInputError(
                f"The text takes {len(tokens)} tokens and the model reads at most "
                f"{self.max_text_tokens - 2}; split it into sentences.",
                reason="TEXT_TOO_LONG",
                field="text",
            )
        index = torch.tensor(framed, device=self._text.device)
        return self._text[index] + self._text_positions[: len(framed)]

    def audio_rows(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Embeds audio tokens, of shape (rows,), at positions counted from the start token."""
        return self._audio[tokens] + self._audio_positions[positions]

    def latents_and_logits(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Returns what the vocoder takes, (rows, width), and scores of shape (rows, tokens).

        The hidden states went through the last norm of the blocks before: coqui norms them twice.
        """
        latents = self._norm(hidden)
        return latents, self.head(latents)


def _table(weight: Tensor, device: torch.device) -> Tensor:
    return weight.detach().to(device, torch.float32)


def _conditioning_positions(gpt: "GPT") -> int:
    if gpt.use_perceiver_resampler:
        return int(gpt.conditioning_perceiver.latents.shape[0])
    return int(gpt.max_prompt_tokens)
