"""Brings the recording that shows which voice is wanted into the store, as audio."""

from pathlib import Path

from gateway.cli.reporter import Reporter
from gateway.client.media import MediaClient
from ttstrainer.media.v1.media_service_pb2 import ExtractAudioRequest

STAGE = "reference"


async def reference_audio_uri(media: MediaClient, path: Path | None, reporter: Reporter) -> str:
    """Returns where the audio of the reference lies; an empty text when there is no reference.

    Raises:
        ServiceError: it cannot be imported, or has no audio.
    """
    if path is None:
        return ""

    def progress(ratio: float) -> None:
        reporter.progress(path.name, STAGE, ratio)

    recording = await media.import_recording(path, progress)
    request = ExtractAudioRequest(recording_id=recording.recording_id)
    audio = await media.extract_audio(request, progress)
    reporter.finished(path.name, STAGE, "the voice to look for")
    return audio.audio_uri
