"""`voice.json`: the options that a voice's dropped recordings are run with."""

from google.protobuf import json_format

from services.chassis.errors import InvalidInputError
from services.pipeline.run_model import Options
from services.pipeline.wire import options_of
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

__all__ = ["MAX_BYTES", "options_in"]

MAX_BYTES = 64 * 1024


def options_in(content: bytes) -> Options:
    """Reads RunOptions as JSON, such as `{"language_code": "de"}`. Raises InvalidInputError."""
    try:
        message = json_format.Parse(content.decode(), pb.RunOptions())
    except (json_format.ParseError, UnicodeDecodeError) as error:
        complaint = (
            "The voice.json beside it does not hold the options of a run as JSON, such as "
            '{"language_code": "de"}: correct it, then drop the file again.'
        )
        raise InvalidInputError(complaint, reason="INVALID_VOICE_FILE") from error
    return options_of(message)
