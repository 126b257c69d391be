"""Sound for tests: real recorded prompts with their text, talks made of them, synthesised sound.

The prompts are those of the Debian packages asterisk-core-sounds-{en,it,...}-g722 (16 kHz, one
speaker per language: Allison Smith, Carlo Flora, ...; CC-BY-SA-3.0 and CC-BY-3.0) and the texts
those of asterisk-core-sounds-{en,it,...}. `-wav` holds the same prompts at 8 kHz, telephone sound.
"""

import gzip
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

# `make setup` unpacks the packages into the environment.
RECORDINGS = Path(sys.prefix, "share/asterisk-core-sounds/usr/share")
SAMPLE_RATE_HERTZ = 16_000
G722_BYTES_PER_SECOND = 8_000
VOICES = {
    "en": "en_US_f_Allison",
    "es": "es_MX_f_Allison",
    "fr": "fr_CA_f_June",
    "it": "it_IT_m_Carlo",
    "ru": "ru_RU_f_IvrvoiceRU",
}

Samples = NDArray[np.float32]


def prompts(
    language: str = "en", *, min_seconds: float = 1.5, min_words: int = 3
) -> list[tuple[Path, str]]:
    """Returns the prompts of one language's speaker with what they say, in order of their names.

    Raises FileNotFoundError, naming what to install, when the packages are absent.
    """
    folder = RECORDINGS / "asterisk/sounds" / VOICES[language]
    texts = RECORDINGS / f"doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz"
    if not folder.is_dir() or not texts.is_file():
        raise FileNotFoundError(f"No recordings of {language!r} in {RECORDINGS}: run make setup.")
    said = _texts(texts)
    found = []
    for path in sorted(folder.rglob("*.g722")):
        text = said.get(str(path.relative_to(folder).with_suffix("")), "")
        seconds = path.stat().st_size / G722_BYTES_PER_SECOND
        if seconds >= min_seconds and len(text.split()) >= min_words:
            found.append((path, text))
    return found


def load(path: Path) -> Samples:
    """Returns a prompt as mono float32 samples at 16 kHz, also when the file is at 8 kHz."""
    return _decoded(path).copy()


def talk(paths: Sequence[Path], *, gap_seconds: float = 0.8) -> Samples:
    """Returns the prompts one after the other at 16 kHz, with silence around and between them."""
    gap = silence(gap_seconds)
    pieces = [gap]
    for path in paths:
        pieces += [_decoded(path), gap]
    return np.concatenate(pieces)


def save(path: Path, samples: Samples, sample_rate_hertz: int = SAMPLE_RATE_HERTZ) -> Path:
    """Writes samples, (frames,) or (frames, channels), in the format that the suffix names."""
    soundfile.write(path, samples, sample_rate_hertz)
    return path


def silence(seconds: float, *, sample_rate_hertz: int = SAMPLE_RATE_HERTZ) -> Samples:
    """Returns digital silence."""
    return np.zeros(round(seconds * sample_rate_hertz), np.float32)


def tone(
    seconds: float,
    *,
    hertz: float = 440.0,
    peak: float = 0.5,
    sample_rate_hertz: int = SAMPLE_RATE_HERTZ,
) -> Samples:
    """Returns a sine tone."""
    time = np.arange(round(seconds * sample_rate_hertz)) / sample_rate_hertz
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(
    seconds: float,
    *,
    rms: float = 0.05,
    seed: int = 0,
    sample_rate_hertz: int = SAMPLE_RATE_HERTZ,
) -> Samples:
    """Returns white noise; the same for the same seed."""
    generator = np.random.default_rng(seed)
    drawn = generator.standard_normal(round(seconds * sample_rate_hertz), np.float32)
    return np.asarray(rms * drawn, np.float32)


def rms(samples: Samples) -> float:
    """Returns the root mean square."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


@cache
def _texts(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace") as lines:
        for line in lines:
            name, colon, text = line.partition(":")
            if colon and not line.startswith(";"):
                spoken = re.sub(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>", "", text)
                found[name.strip()] = " ".join(spoken.split())
    return found


@cache
def _decoded(path: Path) -> Samples:
    if path.suffix != ".g722":
        samples, rate = soundfile.read(path, dtype="float32", always_2d=False)
        at_16_khz: Samples = soxr.resample(samples, rate, SAMPLE_RATE_HERTZ, quality="VHQ")
        return at_16_khz
    command = ["ffmpeg", "-v", "error", "-nostdin", "-f", "g722", "-i", str(path)]
    command += ["-f", "f32le", "-ac", "1", "-ar", str(SAMPLE_RATE_HERTZ), "-"]
    decoded = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(decoded, np.float32)
