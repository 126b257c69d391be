"""The content of a version as the store keeps it."""

from collections.abc import Iterable, Sequence

from services.dataset.assembly import Assembly
from services.dataset.candidate import Candidate
from services.dataset.wire import (
    candidate_from,
    clip_to_proto,
    recording_to_proto,
    rejection_to_proto,
)
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


def document_of(
    assembly: Assembly,
    recordings: Sequence[pb.RecordingInput],
    left_out: Iterable[pb.LeftOutRecording],
    options: pb.CurationOptions,
) -> pb.DatasetDocument:
    """Returns the document of a new version."""
    audio_uris = {recording.recording_id: recording.audio_uri for recording in recordings}
    return pb.DatasetDocument(
        clips=[
            clip_to_proto(c, audio_uris[c.recording_id], split_of(assembly, c))
            for c in assembly.candidates
        ],
        recordings=[
            recording_to_proto(recording, assembly.accounts[recording.recording_id])
            for recording in recordings
        ],
        left_out=left_out,
        options=options,
    )


def revised(document: pb.DatasetDocument, assembly: Assembly) -> pb.DatasetDocument:
    """Returns the document of a version that reviews one clip of `document`."""
    audio_uris = {recording.recording_id: recording.audio_uri for recording in document.recordings}
    result = pb.DatasetDocument()
    result.CopyFrom(document)
    del result.clips[:]
    result.clips.extend(
        clip_to_proto(c, audio_uris[c.recording_id], split_of(assembly, c))
        for c in assembly.candidates
    )
    for recording in result.recordings:
        account = assembly.accounts[recording.recording_id]
        recording.kept_seconds = account.kept_seconds
        recording.rejected_seconds = account.rejected_seconds
    return result


def candidates_in(document: pb.DatasetDocument, sample_rate_hertz: int) -> list[Candidate]:
    """Returns the clips of a stored version."""
    return [candidate_from(clip, sample_rate_hertz) for clip in document.clips]


def summary_of(assembly: Assembly) -> pb.DatasetSummary:
    """Returns what a version amounts to."""
    total = assembly.total
    held_out = [c for c in assembly.kept if c.clip_id in assembly.validation]
    return pb.DatasetSummary(
        recording_count=len(assembly.accounts),
        kept_count=len(assembly.kept),
        kept_seconds=total.kept_seconds,
        rejected_count=len(assembly.candidates) - len(assembly.kept),
        rejected_seconds=total.rejected_seconds,
        silence_seconds=total.silence_seconds,
        other_sound_seconds=total.other_sound_seconds,
        missing_seconds=total.missing_seconds,
        input_seconds=total.input_seconds,
        validation_count=len(held_out),
        validation_seconds=sum(c.duration_seconds for c in held_out),
        rejections=[rejection_to_proto(rejection) for rejection in assembly.rejections],
    )


def split_of(assembly: Assembly, candidate: Candidate) -> pb.Split.ValueType:
    """Returns what a clip is for."""
    if not candidate.kept:
        return pb.SPLIT_UNSPECIFIED
    if candidate.clip_id in assembly.validation:
        return pb.SPLIT_VALIDATION
    return pb.SPLIT_TRAIN
