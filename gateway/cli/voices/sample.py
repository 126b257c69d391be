"""What a person means by a voice to compare: one of the service's, or an audio file."""

from pathlib import Path

from gateway.cli.errors import UsageError
from gateway.cli.names import printable
from ttstrainer.inference.v1.voice_service_pb2 import VoiceSample

MAX_SAMPLE_BYTES = 3 << 20
"""Two of them fit into one message."""


def voice_sample(named: str) -> VoiceSample:
    """Returns the audio file of this name, or, where there is none, the voice.

    Raises:
        UsageError: the file is too large to be sent at once.
    """
    path = Path(named)
    if not path.is_file():
        return VoiceSample(voice_id=named)
    if path.stat().st_size > MAX_SAMPLE_BYTES:
        raise UsageError(
            f"{printable(named)} is larger than {MAX_SAMPLE_BYTES >> 20} MiB: ten seconds "
            "of speech are enough to compare, cut some out."
        )
    return VoiceSample(audio=path.read_bytes())
