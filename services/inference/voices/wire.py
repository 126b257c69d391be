"""Between voices and the contract's messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.inference.voices.voice import EPOCH, Origin, Reference, State, Voice
from ttstrainer.inference.v1 import voice_service_pb2 as pb

ORIGINS = {
    Origin.BUILT_IN: pb.VOICE_ORIGIN_BUILT_IN,
    Origin.CLONED: pb.VOICE_ORIGIN_CLONED,
}
STATES = {State.READY: pb.VOICE_STATE_READY, State.WITHDRAWN: pb.VOICE_STATE_WITHDRAWN}


def voice_message(voice: Voice) -> pb.Voice:
    """Says a voice in the contract's words."""
    return pb.Voice(
        voice_id=voice.voice_id,
        display_name=voice.display_name,
        language_code=voice.language_code,
        model=voice.model,
        origin=ORIGINS[voice.origin],
        state=STATES[voice.state],
        consent_id=voice.consent_id,
        references=[_reference_message(each) for each in voice.references],
        create_time=_timestamp(voice.create_time),
        update_time=_timestamp(voice.update_time),
    )


def wanted_voice(message: pb.Voice) -> Voice:
    """Reads what a person may change of a voice."""
    return Voice(
        voice_id=message.voice_id,
        display_name=message.display_name,
        language_code=message.language_code,
        model=message.model,
        origin=Origin.CLONED,
    )


def _reference_message(reference: Reference) -> pb.ReferenceClip:
    return pb.ReferenceClip(
        display_name=reference.display_name,
        audio_uri=reference.audio_uri,
        duration_seconds=reference.duration_seconds,
        speech_seconds=reference.speech_seconds,
        snr_db=reference.snr_decibels,
        loudness_lufs=reference.loudness_lufs,
        clipped_ratio=reference.clipped_ratio,
        warnings=reference.warnings,
    )


def _timestamp(time: datetime) -> Timestamp | None:
    if time == EPOCH:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(time)
    return timestamp
