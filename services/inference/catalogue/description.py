"""What is known of a model without loading it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.inference.engines.engine import EngineKind
from services.inference.engines.xtts.loading.languages import spoken_languages

_XTTS_RATE_HERTZ = 24_000
_VITS_RATE_HERTZ = 22_050
_TORTOISE_RATE_HERTZ = 24_000
_CLONING = frozenset({EngineKind.XTTS, EngineKind.TORTOISE})


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model that can be loaded."""

    name: str
    version: str
    kind: EngineKind
    language_codes: frozenset[str]
    """As BCP 47."""
    can_clone: bool
    sample_rate_hertz: int
    licence_uri: str = ""
    """The licence that must be accepted before it is loaded; empty when there is none."""
    speakers: tuple[str, ...] = ()
    """The names of those whose voices it brings along, as its files have them, the first one
    first; empty for a model with a single voice that has no name, or with none."""


def describe(name: str, version: str, config: Mapping[str, Any]) -> ModelDescription:
    """Returns what a coqui config.json says; raises ValueError when it is of no family we know."""
    kind = EngineKind(str(config.get("model")).lower())
    return ModelDescription(
        name=name,
        version=version,
        kind=kind,
        language_codes=_language_codes(kind, config),
        can_clone=kind in _CLONING,
        sample_rate_hertz=_sample_rate_hertz(kind, config),
    )


def _language_codes(kind: EngineKind, config: Mapping[str, Any]) -> frozenset[str]:
    if kind is EngineKind.TORTOISE:
        return frozenset({"en"})
    languages = config.get("languages") or _languages_of_datasets(config)
    if kind is EngineKind.XTTS:
        return spoken_languages(languages)
    return frozenset(_bcp47(languages or [config.get("phoneme_language") or "en"]))


def _languages_of_datasets(config: Mapping[str, Any]) -> list[str]:
    datasets = config.get("datasets") or []
    return sorted({dataset["language"] for dataset in datasets if dataset.get("language")})


def _bcp47(names: Iterable[str]) -> Iterable[str]:
    """Yields language codes; a country is named where it tells two apart."""
    seen: set[str] = set()
    for name in names:
        language, _, country = name.partition("-")
        code = language.lower()
        if country and (code in seen or code == "zh"):
            code = f"{code}-{country.upper()}"
        seen.add(code)
        yield code


def _sample_rate_hertz(kind: EngineKind, config: Mapping[str, Any]) -> int:
    if kind is EngineKind.TORTOISE:
        return _TORTOISE_RATE_HERTZ
    audio = config.get("audio") or {}
    if kind is EngineKind.VITS:
        return int(audio.get("sample_rate", _VITS_RATE_HERTZ))
    arguments = config.get("model_args") or {}
    return int(arguments.get("output_sample_rate", _XTTS_RATE_HERTZ))
