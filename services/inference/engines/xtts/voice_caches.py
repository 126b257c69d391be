"""The GPT's reading of the voices that spoke last."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from services.inference.engines.xtts.loading.conditioning import XttsConditioning

if TYPE_CHECKING:
    from services.inference.engines.xtts.gpt.kv_cache import VoiceCache
    from services.inference.engines.xtts.model_parts import TokenDecoder


class VoiceCaches:
    """A voice is read once for all its texts, and again when `capacity` others spoke meanwhile.

    The reading goes when the conditioning goes that it was made of: of a voice that was deleted
    nothing stays. To be used from the thread that decodes only.
    """

    def __init__(self, decoder: "TokenDecoder", capacity: int) -> None:
        """Starts empty."""
        self._decoder = decoder
        self._capacity = capacity
        self._caches: WeakKeyDictionary[XttsConditioning, VoiceCache] = WeakKeyDictionary()
        """In the order in which they spoke last."""

    def of(self, conditioning: XttsConditioning) -> "VoiceCache":
        """Returns the cache of a voice."""
        cache = self._caches.pop(conditioning, None)
        if cache is None:
            cache = self._decoder.conditioning_cache(conditioning.gpt_latents)
        self._caches[conditioning] = cache
        if len(self._caches) > self._capacity:
            self._caches.pop(next(iter(self._caches)), None)
        return cache

    def clear(self) -> None:
        """Forgets all voices; those who speak keep what they were given."""
        self._caches.clear()
