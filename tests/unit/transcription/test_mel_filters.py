"""The mel filters give the same sums everywhere."""

import os
import subprocess
import sys

import numpy as np

from services.transcription.mel_filters import MelFilters

HASHED = """
import hashlib
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from services.transcription.mel_filters import MelFilters

extractor = FeatureExtractor()
extractor.mel_filters = MelFilters(extractor.mel_filters)
sound = np.random.default_rng(1).standard_normal(80_000).astype(np.float32)
print(hashlib.sha256(extractor(sound).tobytes()).hexdigest())
"""
MACHINES = [
    *({"OPENBLAS_NUM_THREADS": count} for count in ("1", "2")),
    *({"OPENBLAS_CORETYPE": kind} for kind in ("Nehalem", "Sandybridge", "Haswell")),
]


def test_it_is_the_product_of_the_matrices() -> None:
    chance = np.random.default_rng(1)
    weights = chance.random((80, 201), np.float32)
    weights[weights < 0.9] = 0
    powers = chance.random((201, 300), np.float32)
    assert np.allclose(MelFilters(weights) @ powers, weights @ powers, rtol=1e-5)


def test_every_machine_hears_the_same_bits() -> None:
    heard = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, **machine},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for machine in MACHINES
    }
    assert len(heard) == 1
