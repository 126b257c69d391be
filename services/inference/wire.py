"""Translates between speech and the contract's messages."""

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import EngineKind, FinishReason, Priority
from services.inference.files.formats import AudioFileFormat
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking import parts
from services.inference.speaking.options import SpeechOptions
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import inference_service_pb2 as pb

SYNTHETIC = (("tts-trainer-synthetic", "1"),)
"""The metadata of every call that speaks."""

PRIORITIES = {
    pb.PRIORITY_UNSPECIFIED: Priority.INTERACTIVE,
    pb.PRIORITY_INTERACTIVE: Priority.INTERACTIVE,
    pb.PRIORITY_BULK: Priority.BULK,
}
FILE_FORMATS = {
    pb.FILE_FORMAT_UNSPECIFIED: AudioFileFormat.WAV,
    pb.FILE_FORMAT_WAV: AudioFileFormat.WAV,
    pb.FILE_FORMAT_FLAC: AudioFileFormat.FLAC,
    pb.FILE_FORMAT_MP3: AudioFileFormat.MP3,
    pb.FILE_FORMAT_OGG_OPUS: AudioFileFormat.OGG_OPUS,
    pb.FILE_FORMAT_AAC: AudioFileFormat.AAC,
}
FINISH_REASONS = {
    FinishReason.COMPLETE: pb.FINISH_REASON_COMPLETE,
    FinishReason.MAX_LENGTH: pb.FINISH_REASON_MAX_LENGTH,
    FinishReason.RUNAWAY: pb.FINISH_REASON_RUNAWAY,
}
ENGINE_KINDS = {
    EngineKind.XTTS: engine_pb.ENGINE_KIND_XTTS,
    EngineKind.VITS: engine_pb.ENGINE_KIND_VITS,
    EngineKind.TORTOISE: engine_pb.ENGINE_KIND_TORTOISE,
}


def speech_options(message: pb.SpeechOptions) -> SpeechOptions:
    """Returns the options of a request. Raises InvalidInputError for an unknown priority."""
    if message.priority not in PRIORITIES:
        text = f"options.priority is {message.priority}: it must be interactive or bulk."
        raise InvalidInputError(text, reason="OPTION_OUT_OF_RANGE", field="options.priority")
    return SpeechOptions(
        voice_id=message.voice_id,
        model=message.model,
        model_version=message.model_version,
        language_code=message.language_code,
        speed=message.speed or 1.0,
        temperature=message.temperature if message.HasField("temperature") else None,
        top_k=message.top_k if message.HasField("top_k") else None,
        top_p=message.top_p if message.HasField("top_p") else None,
        repetition_penalty=(
            message.repetition_penalty if message.HasField("repetition_penalty") else None
        ),
        seed=message.seed if message.HasField("seed") else None,
        sample_rate_hertz=message.sample_rate_hertz,
        priority=PRIORITIES[message.priority],
        max_audio_seconds=message.max_audio_seconds,
        pronunciations={each.written: each.spoken for each in message.pronunciations},
    )


def file_format(value: "pb.FileFormat.ValueType") -> AudioFileFormat:
    """Returns the kind of file that is asked for. Raises InvalidInputError for an unknown one."""
    if value not in FILE_FORMATS:
        text = f"file_format is {value}: it must be one of those of FileFormat."
        raise InvalidInputError(text, reason="UNKNOWN_FILE_FORMAT", field="file_format")
    return FILE_FORMATS[value]


def part_message(part: parts.SpeechPart) -> pb.SpeechPart:
    """Returns a part of a stream."""
    match part:
        case parts.AudioFormat():
            return pb.SpeechPart(format=format_message(part))
        case parts.AudioChunk():
            return pb.SpeechPart(
                chunk=pb.AudioChunk(
                    sequence_number=part.sequence_number,
                    sample_offset=part.sample_offset,
                    pcm=part.pcm,
                )
            )
        case parts.SentenceMark():
            return pb.SpeechPart(sentence=sentence_message(part))
        case parts.SpeechSummary():
            return pb.SpeechPart(summary=summary_message(part))


def format_message(given: parts.AudioFormat) -> pb.AudioFormat:
    """Returns how to read the audio, and who speaks."""
    return pb.AudioFormat(
        sample_rate_hertz=given.sample_rate_hertz,
        channel_count=1,
        synthetic=True,
        voice_id=given.voice_id,
        model=given.model,
        model_version=given.model_version,
    )


def sentence_message(mark: parts.SentenceMark) -> pb.SentenceMark:
    """Returns where a sentence begins."""
    return pb.SentenceMark(
        sentence_index=mark.sentence_index,
        sample_offset=mark.sample_offset,
        text_offset=mark.text_offset,
        text_length=mark.text_length,
    )


def summary_message(summary: parts.SpeechSummary) -> pb.SpeechSummary:
    """Returns how it went."""
    return pb.SpeechSummary(
        audio_seconds=summary.audio_seconds,
        token_count=summary.token_count,
        time_to_first_audio_seconds=summary.time_to_first_audio_seconds,
        real_time_factor=summary.real_time_factor,
        finish_reason=FINISH_REASONS[summary.finish_reason],
        seed=summary.seed,
        sentence_count=summary.sentence_count,
    )


def available_model(given: ModelDescription, *, is_loading: bool) -> engine_pb.Model:
    """Returns a model that is not in memory."""
    state = engine_pb.MODEL_STATE_LOADING if is_loading else engine_pb.MODEL_STATE_AVAILABLE
    return engine_pb.Model(
        name=given.name,
        version=given.version,
        kind=ENGINE_KINDS[given.kind],
        state=state,
        language_codes=sorted(given.language_codes),
        can_clone=given.can_clone,
        sample_rate_hertz=given.sample_rate_hertz,
        licence_uri=given.licence_uri,
    )


def loaded_model(model: LoadedModel) -> engine_pb.Model:
    """Returns a model in memory, as it says itself what it is."""
    engine = model.engine
    message = available_model(model.description, is_loading=False)
    message.state = (
        engine_pb.MODEL_STATE_DRAINING if model.leaves_for else engine_pb.MODEL_STATE_LOADED
    )
    del message.language_codes[:]
    message.language_codes.extend(sorted(engine.language_codes))
    message.can_clone = engine.can_clone
    message.sample_rate_hertz = engine.sample_rate_hertz
    message.device = engine.device
    message.precision = engine.precision
    message.memory_bytes = engine.memory_bytes
    message.slot_count = engine.slot_count
    message.active_stream_count = model.lease_count
    if model.last_used_time:
        message.last_used_time.FromDatetime(model.last_used_time)
    return message
