"""An utterance on its way from text to audio."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from services.inference.engines.engine import FinishReason, Piece, Priority, Utterance
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.length_limit import LengthLimit
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.model_parts import TokenVocoder, VocodedUtterance

_BULK_LEAD_SECONDS = 2.0
"""How much further ahead of its listener a bulk utterance is taken to be than it is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some tokens' latents, to be made into audio at once."""

    latents: Tensor
    """Of shape (tokens, channels)."""
    finish_reason: FinishReason | None
    """Not None when these are the last."""


@dataclass(slots=True, eq=False)
class Speech:
    """One utterance, as it stands.

    The thread that decodes adds tokens, the one that vocodes adds audio, neither looks at the
    other's fields.
    """

    utterance: Utterance
    conditioning: XttsConditioning
    limit: LengthLimit
    stream: EngineStream
    chunk_sizes: Iterator[int]
    opened_at: float
    """Seconds, on the clock that `lead_seconds` is asked with."""

    _failed: bool = False
    # of the thread that decodes
    _rows: list[Tensor] = field(default_factory=list)
    _chunk_size: int = 0
    # of the thread that vocodes
    _vocoding: VocodedUtterance | None = None
    _tokens_without_audio: int = 0
    _audio_seconds: float = 0.0
    _heard_since: float | None = None

    @property
    def is_over(self) -> bool:
        """True when nobody listens any more, or it failed: it needs no more work."""
        return self._failed or self.stream.is_cancelled

    def fail(self, error: Exception) -> None:
        """Ends it with an error."""
        self._failed = True
        self.stream.fail(error)

    def add_token(self, latent: Tensor, finish_reason: FinishReason | None) -> Chunk | None:
        """Takes the next token's latent; returns a chunk when there are enough, or no more."""
        if not self._rows:
            self._chunk_size = next(self.chunk_sizes)
        self._rows.append(latent)
        if len(self._rows) < self._chunk_size and finish_reason is None:
            return None
        chunk = Chunk(torch.stack(self._rows), finish_reason)
        self._rows = []
        return chunk

    def vocode(self, chunk: Chunk, vocoder: TokenVocoder, now: float) -> None:
        """Makes a chunk into audio and hands it on."""
        if self._vocoding is None:
            embedding = self.conditioning.speaker_embedding
            self._vocoding = vocoder.open(embedding, self.utterance.speed)
        samples = self._vocoding.push(chunk.latents, last=chunk.finish_reason is not None)
        self._tokens_without_audio += len(chunk.latents)
        if len(samples):
            self.stream.put(Piece(samples, self._tokens_without_audio))
            self._tokens_without_audio = 0
            self._audio_seconds += len(samples) / vocoder.sample_rate_hertz
            self._heard_since = self._heard_since or now
        if chunk.finish_reason is not None:
            self.stream.end(chunk.finish_reason)

    def lead_seconds(self, now: float) -> float:
        """Returns how far its audio is ahead of a listener: who has least is served first."""
        since = self.opened_at if self._heard_since is None else self._heard_since
        bulk = self.utterance.priority is Priority.BULK
        return self._audio_seconds - (now - since) + (_BULK_LEAD_SECONDS if bulk else 0.0)
