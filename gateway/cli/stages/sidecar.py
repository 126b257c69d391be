"""The small JSON file beside what a stage wrote: where it comes from, and what came out."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.cli.payloads import message_payload
from ttstrainer.audio_qc.v1.audio_qc_service_pb2 import PreparedAudio
from ttstrainer.media.v1.media_service_pb2 import ExtractedAudio, MediaInfo, Recording
from ttstrainer.transcription.v1.transcription_service_pb2 import Transcript, VerifiedTranscript

SUFFIX = ".json"
FORMAT = "tts-trainer.sidecar.v1"
MAX_SIDECAR_BYTES = 4 << 20

M = TypeVar("M", bound=Message)


@dataclass(slots=True)
class Sidecar:
    """All that is known of one recording after a stage; a later stage adds to it."""

    recording: Recording
    media: MediaInfo | None = None
    extracted: ExtractedAudio | None = None
    prepared: PreparedAudio | None = None
    transcript: Transcript | None = None
    verified: VerifiedTranscript | None = None
    files: dict[str, str] = field(default_factory=dict)
    """What lies beside the sidecar: what it is ("audio", "clips", ...) -> its path from there."""

    @property
    def display_name(self) -> str:
        """The name the recording had when it was dropped."""
        return self.recording.display_name

    @property
    def duration_seconds(self) -> float:
        """The recording's duration: what the container promised, else what was decoded."""
        promised = self.media.duration_seconds if self.media else 0.0
        if promised or self.extracted is None:
            return promised
        return self.extracted.sample_count / self.extracted.sample_rate_hertz


def save_sidecar(path: Path, sidecar: Sidecar, *, tool_version: str) -> None:
    """Writes the sidecar whole or not at all."""
    content: dict[str, object] = {
        "format": FORMAT,
        "tool": f"tts-trainer {tool_version}",
        "files": dict(sorted(sidecar.files.items())),
    }
    for name in ("recording", "media", "extracted", "prepared", "transcript", "verified"):
        message = getattr(sidecar, name)
        if message is not None:
            content[name] = message_payload(message)
    partial = path.with_name(f".{sidecar.recording.recording_id[:16]}.sidecar.partial")
    text = json.dumps(content, indent=2, ensure_ascii=False)
    partial.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")
    partial.replace(path)


def load_sidecar(path: Path) -> Sidecar | None:
    """Reads a sidecar; None when there is none there, or another kind of JSON."""
    try:
        if path.stat().st_size > MAX_SIDECAR_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            return None
        return Sidecar(
            recording=json_format.ParseDict(
                content["recording"], Recording(), ignore_unknown_fields=True
            ),
            media=_parsed(content, "media", MediaInfo),
            extracted=_parsed(content, "extracted", ExtractedAudio),
            prepared=_parsed(content, "prepared", PreparedAudio),
            transcript=_parsed(content, "transcript", Transcript),
            verified=_parsed(content, "verified", VerifiedTranscript),
            files={str(kind): str(name) for kind, name in content.get("files", {}).items()},
        )
    except (OSError, ValueError, KeyError, AttributeError, json_format.ParseError):
        return None


def _parsed(content: dict[str, Any], name: str, message_type: type[M]) -> M | None:
    if name not in content:
        return None
    return json_format.ParseDict(content[name], message_type(), ignore_unknown_fields=True)
