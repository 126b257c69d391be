"""The GPT's reading of the voices that spoke last."""

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from services.inference.engines.xtts.loading.conditioning import XttsConditioning

if TYPE_CHECKING:
    from services.inference.engines.xtts.gpt.kv_cache import VoiceCache
    from services.inference.engines.xtts.model_parts import TokenDecoder


class VoiceCaches:
    """A voice is read once for all its texts, and again when `capacity` others spoke meanwhile.

    To be used from the thread that decodes only.
    """

    def __init__(self, decoder: "TokenDecoder", capacity: int) -> None:
        """Starts empty."""
        self._decoder = decoder
        self._capacity = capacity
        self._caches: OrderedDict[bytes, VoiceCache] = OrderedDict()

    def of(self, conditioning: XttsConditioning) -> "VoiceCache":
        """Returns the cache of a voice; equal conditionings share one."""
        digest = hashlib.sha256(conditioning.gpt_latents.numpy().tobytes()).digest()
        cache = self._caches.get(digest)
        if cache is None:
            cache = self._decoder.conditioning_cache(conditioning.gpt_latents)
            self._caches[digest] = cache
            if len(self._caches) > self._capacity:
                self._caches.popitem(last=False)
        self._caches.move_to_end(digest)
        return cache

    def clear(self) -> None:
        """Forgets all voices; those who speak keep what they were given."""
        self._caches.clear()
