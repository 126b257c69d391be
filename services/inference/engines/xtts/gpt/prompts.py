"""What a slot reads before it speaks."""

from dataclasses import dataclass

from torch import Tensor

from services.inference.engines.xtts.gpt.kv_cache import VoiceCache


@dataclass(frozen=True, slots=True)
class Prompt:
    """A voice and a text for one slot."""

    slot: int
    voice: VoiceCache
    text: Tensor
    """Embeddings of shape (positions, width)."""

    @property
    def position_count(self) -> int:
        """How many positions come before the start token."""
        return self.voice.position_count + len(self.text)
