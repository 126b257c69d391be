"""One seed for a request, and noise of its own for each of its sentences."""

import numpy as np

_VALUES = 2**64


def noise_seed(seed: int, sentence_index: int) -> int:
    """Returns a seed for one sentence; for the first one, `seed` itself, as coqui would take it."""
    if sentence_index == 0:
        return seed % _VALUES
    mixed = np.random.SeedSequence([seed % _VALUES, sentence_index])
    return int(mixed.generate_state(1, np.uint64)[0])
