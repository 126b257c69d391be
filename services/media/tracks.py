"""Which audio track is taken."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from services.media.languages import bcp47_of, primary_of


class Track(Protocol):
    """What matters about an audio track for the choice."""

    @property
    def index(self) -> int:
        """Its place in the container."""

    @property
    def language_code(self) -> str:
        """A BCP-47 tag, or empty."""

    @property
    def is_default(self) -> bool:
        """Whether the container's author marked it so."""


T = TypeVar("T", bound=Track)


class NoSuchTrackError(LookupError):
    """The recording has no audio track like the one asked for; its text says what it has."""

    def __init__(self, message: str, reason: str = "NO_SUCH_TRACK") -> None:
        """Takes a sentence for people and a reason in UPPER_SNAKE_CASE."""
        super().__init__(message)
        self.reason = reason


def default_track(audio: Sequence[T]) -> T:
    """Returns the track a player would choose: the first one marked as default, else the first."""
    _require_any(audio)
    return next((track for track in audio if track.is_default), audio[0])


def track_at(audio: Sequence[T], index: int) -> T:
    """Returns the audio track whose index in the container is `index`."""
    _require_any(audio)
    for track in audio:
        if track.index == index:
            return track
    raise NoSuchTrackError(f"Stream {index} is no audio track: {_offer(audio)}")


def track_in(audio: Sequence[T], language_code: str) -> T:
    """Returns the first track in a language, the same region ("pt-BR") before any other ("pt")."""
    wanted = bcp47_of(language_code)
    if not wanted:
        raise NoSuchTrackError(f"{language_code!r} is no BCP-47 language tag, such as en or pt-BR.")
    _require_any(audio)
    for track in audio:
        if track.language_code == wanted:
            return track
    for track in audio:
        if primary_of(track.language_code) == primary_of(wanted):
            return track
    raise NoSuchTrackError(f"No audio track is tagged as {wanted}: {_offer(audio)}")


def _require_any(audio: Sequence[Track]) -> None:
    if not audio:
        message = "The recording has no audio track: record again with the microphone on."
        raise NoSuchTrackError(message, "NO_AUDIO_STREAM")


def _offer(audio: Sequence[Track]) -> str:
    tracks = ", ".join(f"{each.index} ({each.language_code or 'no language'})" for each in audio)
    return f"ask for one of {tracks}."
