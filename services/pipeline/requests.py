"""The requests that steps put on the queues of the other services."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.pipeline.run_model import (
    METHODS,
    Options,
    Recording,
    Snapshot,
    Stage,
    State,
    StepRef,
)
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as audio_qc
from ttstrainer.dataset.v1 import dataset_service_pb2 as dataset
from ttstrainer.media.v1 import media_service_pb2 as media
from ttstrainer.transcription.v1 import transcription_service_pb2 as transcription

__all__ = ["NOISE_REDUCTIONS", "request_of"]

NOISE_REDUCTIONS: Mapping[str, "audio_qc.NoiseReduction.ValueType"] = {
    "": audio_qc.NOISE_REDUCTION_UNSPECIFIED,
    "none": audio_qc.NOISE_REDUCTION_NONE,
    "spectral": audio_qc.NOISE_REDUCTION_SPECTRAL,
    "neural": audio_qc.NOISE_REDUCTION_NEURAL,
}


def request_of(step: StepRef, snapshot: Snapshot) -> Message:
    """Returns the request of a step; `snapshot` holds at least the recording it is about."""
    if step.stage is Stage.BUILD:
        return _build_of(snapshot)
    recording = next(it for it in snapshot.recordings if it.recording_id == step.recording_id)
    options = snapshot.run.options
    match step.stage:
        case Stage.PROBE:
            return media.ProbeMediaRequest(recording_id=recording.recording_id)
        case Stage.EXTRACT:
            return _extraction_of(recording, options)
        case Stage.PREPARE:
            return _preparation_of(recording, options)
        case Stage.TRANSCRIBE:
            return _transcription_of(recording, options)
        case _:
            return _verification_of(recording, options)


def _build_of(snapshot: Snapshot) -> dataset.BuildDatasetRequest:
    """Returns the request that ends a run.

    Recordings come in the order of their ids, so that the same ones always ask for the same step.
    """
    options = snapshot.run.options
    recordings = sorted(snapshot.recordings, key=lambda each: each.recording_id)
    return dataset.BuildDatasetRequest(
        dataset_id=snapshot.run.voice,
        recordings=[_input_of(each) for each in recordings if each.state is State.SUCCEEDED],
        left_out=[_left_out_of(each) for each in recordings if each.failure],
        options=dataset.CurationOptions(
            validation_ratio=options.validation_ratio, language_code=options.language_code
        ),
    )


def _extraction_of(recording: Recording, options: Options) -> media.ExtractAudioRequest:
    request = media.ExtractAudioRequest(recording_id=recording.recording_id)
    if options.track_language_code:
        request.language_code = options.track_language_code
    return request


def _preparation_of(recording: Recording, options: Options) -> audio_qc.PrepareAudioRequest:
    return audio_qc.PrepareAudioRequest(
        recording_id=recording.recording_id,
        audio_uri=recording.results.extracted_audio_uri,
        sample_rate_hertz=options.sample_rate_hertz,
        noise_reduction=NOISE_REDUCTIONS[options.noise_reduction],
        min_clip_seconds=options.min_clip_seconds,
        max_clip_seconds=options.max_clip_seconds,
        reference_audio_uri=options.reference_audio_uri,
    )


def _transcription_of(
    recording: Recording, options: Options
) -> transcription.TranscribeAudioRequest:
    return transcription.TranscribeAudioRequest(
        recording_id=recording.recording_id,
        audio_uri=recording.results.prepared_audio_uri,
        clips_uri=recording.results.clips_uri,
        language_code=options.language_code,
        model=options.model,
        subtitles_uri=recording.subtitles_uri,
    )


def _verification_of(
    recording: Recording, options: Options
) -> transcription.VerifyTranscriptRequest:
    return transcription.VerifyTranscriptRequest(
        recording_id=recording.recording_id,
        audio_uri=recording.results.prepared_audio_uri,
        clips_uri=recording.results.clips_uri,
        transcript_uri=recording.results.transcript_uri,
        language_code=options.language_code,
        model=options.model,
    )


def _input_of(recording: Recording) -> dataset.RecordingInput:
    results = recording.results
    return dataset.RecordingInput(
        recording_id=recording.recording_id,
        display_name=recording.display_name,
        audio_uri=results.prepared_audio_uri,
        clips_uri=results.clips_uri,
        transcript_uri=results.transcript_uri,
        verdicts_uri=results.verdicts_uri,
        duration_seconds=results.duration_seconds,
        missing_seconds=results.missing_seconds,
        speaker_embedding=results.speaker_embedding,
    )


def _left_out_of(recording: Recording) -> dataset.LeftOutRecording:
    failure = recording.failure
    assert failure is not None  # noqa: S101 - only failed recordings are left out
    return dataset.LeftOutRecording(
        recording_id=recording.recording_id,
        display_name=recording.display_name,
        stage=METHODS[failure.stage].rpartition(".")[2],
        code=failure.reason,
        message=failure.message,
        duration_seconds=recording.results.duration_seconds,
    )
