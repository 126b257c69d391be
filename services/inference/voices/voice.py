"""A voice: who can speak here, and whether they may."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any

VOICE_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?")
MAX_VOICE_ID_CHARACTERS = 63
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Origin(Enum):
    """Where a voice comes from."""

    BUILT_IN = "built_in"
    CLONED = "cloned"


class State(Enum):
    """Whether a voice may speak."""

    READY = "ready"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Reference:
    """Speech that a voice was cloned from, and how good it is."""

    display_name: str
    audio_uri: str
    duration_seconds: float
    speech_seconds: float
    snr_decibels: float
    loudness_lufs: float
    """Before it was normalised."""
    clipped_ratio: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who can speak here."""

    voice_id: str
    display_name: str
    language_code: str
    """What it speaks unless told otherwise, as BCP 47."""
    model: str
    """Who speaks with it unless told otherwise."""
    origin: Origin
    state: State = State.READY
    consent_id: str = ""
    references: tuple[Reference, ...] = ()
    create_time: datetime = EPOCH
    update_time: datetime = EPOCH
    data_id: str = field(default="", repr=False)
    """Under what its references and everything derived from them lie; new for every cloning, so
    that nothing remembered of a voice is taken for another one of the same name."""
    speaker: str = ""
    """Whose voice it is among those that its model brings along, as the model's files have it;
    empty when the model has no name for its voice, and for a cloned one."""

    @property
    def is_built_in(self) -> bool:
        """Whether a model brings it along."""
        return self.origin is Origin.BUILT_IN


@dataclass(frozen=True, slots=True)
class BuiltInVoice:
    """A voice that a model brings along."""

    name: str
    language_code: str
    display_name: str = ""
    model: str = ""
    """Empty when it is called as the voice is."""
    speaker: str = ""
    """See `Voice.speaker`."""

    def as_voice(self) -> Voice:
        """Returns it as a voice like any other."""
        shown = self.display_name or self.name
        model = self.model or self.name
        return Voice(
            self.name, shown, self.language_code, model, Origin.BUILT_IN, speaker=self.speaker
        )


def to_json(voice: Voice) -> dict[str, Any]:
    """Returns a voice in values that JSON knows."""
    return {
        **asdict(voice),
        "origin": voice.origin.value,
        "state": voice.state.value,
        "create_time": voice.create_time.isoformat(),
        "update_time": voice.update_time.isoformat(),
    }


def from_json(content: Mapping[str, Any]) -> Voice:
    """Returns the voice that `to_json` gave; fields that this version does not know are ignored."""
    known = _known(Voice, content)
    return Voice(
        **{
            **known,
            "origin": Origin(content["origin"]),
            "state": State(content["state"]),
            "create_time": datetime.fromisoformat(content["create_time"]),
            "update_time": datetime.fromisoformat(content["update_time"]),
            "references": tuple(_reference(each) for each in content["references"]),
        }
    )


def _reference(content: Mapping[str, Any]) -> Reference:
    return Reference(**{**_known(Reference, content), "warnings": tuple(content["warnings"])})


def _known(kind: type[Voice | Reference], content: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in content.items() if name in names}
