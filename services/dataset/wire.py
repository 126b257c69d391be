"""Between the cores' clips and the contract's messages."""

from collections.abc import Iterable

from services.dataset.accounting import Account, Rejection
from services.dataset.advice import Advice
from services.dataset.candidate import Candidate, Measures, Reason
from services.dataset.curation import clean_text, speakable_count
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as audio_qc_pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.transcription.v1 import transcription_service_pb2 as transcription_pb


def candidates_of(
    clips: audio_qc_pb.ClipSet,
    transcript: transcription_pb.TranscriptDocument,
    verdicts: transcription_pb.VerdictDocument,
) -> list[Candidate]:
    """Joins what three stages said about the clips of one recording."""
    texts = {clip.clip_id: clip for clip in transcript.clips}
    trusted = {clip.clip_id: clip for clip in verdicts.clips}
    return [
        _candidate(clips, clip, texts.get(clip.clip_id), trusted.get(clip.clip_id))
        for clip in clips.clips
    ]


def _candidate(
    clips: audio_qc_pb.ClipSet,
    clip: audio_qc_pb.Clip,
    transcript: transcription_pb.ClipTranscript | None,
    verdict: transcription_pb.ClipVerdict | None,
) -> Candidate:
    text = clean_text(transcript.text) if transcript is not None else ""
    seconds = (clip.end_sample - clip.start_sample) / clips.sample_rate_hertz
    spoken_seconds = seconds * (clip.grade.speech_ratio or 1.0)
    reasons = [Reason("audio-qc", reason.code, reason.message) for reason in clip.reasons]
    if clip.verdict != audio_qc_pb.VERDICT_ACCEPTED and not reasons:
        reasons.append(Reason("audio-qc", "REJECTED", "Audio QC rejected this clip."))
    if verdict is not None and not verdict.accepted:
        reasons += [Reason("transcription", r.code, r.message) for r in verdict.reasons]
    return Candidate(
        clip_id=clip.clip_id,
        recording_id=clips.recording_id,
        start_sample=clip.start_sample,
        end_sample=clip.end_sample,
        sample_rate_hertz=clips.sample_rate_hertz,
        pcm_sha256=clip.pcm_sha256,
        text=text,
        speaker_id=clip.speaker_id,
        measures=Measures(
            snr_decibels=clip.grade.snr_decibels,
            dnsmos_overall=clip.grade.dnsmos_overall,
            confidence=transcript.confidence if transcript is not None else 0.0,
            characters_per_second=speakable_count(text) / spoken_seconds,
            integrated_loudness_lufs=clip.grade.integrated_loudness_lufs,
            speaker_similarity=clip.speaker_similarity,
        ),
        reasons=tuple(reasons),
    )


def clip_to_proto(
    candidate: Candidate, audio_uri: str, split: pb.Split.ValueType
) -> pb.DatasetClip:
    """Says a curated clip in the contract's words."""
    measures = candidate.measures
    return pb.DatasetClip(
        clip_id=candidate.clip_id,
        recording_id=candidate.recording_id,
        start_seconds=round(candidate.start_seconds, 6),
        end_seconds=round(candidate.end_seconds, 6),
        start_sample=candidate.start_sample,
        end_sample=candidate.end_sample,
        audio_uri=audio_uri,
        pcm_sha256=candidate.pcm_sha256,
        text=candidate.text,
        split=split,
        reasons=[
            pb.ClipReason(stage=r.stage, code=r.code, message=r.message) for r in candidate.reasons
        ],
        measures=pb.ClipMeasures(
            snr_decibels=measures.snr_decibels,
            dnsmos_overall=measures.dnsmos_overall,
            confidence=measures.confidence,
            characters_per_second=measures.characters_per_second,
            integrated_loudness_lufs=measures.integrated_loudness_lufs,
            speaker_similarity=measures.speaker_similarity,
        ),
        speaker_id=candidate.speaker_id,
        reviewed=candidate.reviewed,
    )


def candidate_from(clip: pb.DatasetClip, sample_rate_hertz: int) -> Candidate:
    """Reads a clip of a stored version."""
    measures = clip.measures
    return Candidate(
        clip_id=clip.clip_id,
        recording_id=clip.recording_id,
        start_sample=clip.start_sample,
        end_sample=clip.end_sample,
        sample_rate_hertz=sample_rate_hertz,
        pcm_sha256=clip.pcm_sha256,
        text=clip.text,
        speaker_id=clip.speaker_id,
        measures=Measures(
            measures.snr_decibels,
            measures.dnsmos_overall,
            measures.confidence,
            measures.characters_per_second,
            measures.integrated_loudness_lufs,
            measures.speaker_similarity,
        ),
        reasons=tuple(Reason(r.stage, r.code, r.message) for r in clip.reasons),
        reviewed=clip.reviewed,
    )


def recording_to_proto(source: pb.RecordingInput, account: Account) -> pb.DatasetRecording:
    """Says where a recording's seconds went."""
    return pb.DatasetRecording(
        recording_id=source.recording_id,
        display_name=source.display_name,
        audio_uri=source.audio_uri,
        duration_seconds=account.input_seconds,
        kept_seconds=account.kept_seconds,
        rejected_seconds=account.rejected_seconds,
        silence_seconds=account.silence_seconds,
        other_sound_seconds=account.other_sound_seconds,
        missing_seconds=account.missing_seconds,
    )


def account_from(recording: pb.DatasetRecording) -> Account:
    """Reads where a recording's seconds went."""
    return Account(
        recording.kept_seconds,
        recording.rejected_seconds,
        recording.silence_seconds,
        recording.other_sound_seconds,
        recording.missing_seconds,
    )


def rejection_to_proto(rejection: Rejection) -> pb.RejectionCount:
    """Says what one reason cost."""
    return pb.RejectionCount(
        code=rejection.code, clip_count=rejection.clip_count, seconds=rejection.seconds
    )


def advice_to_proto(
    advice: Advice, found: Iterable[tuple[str, str]]
) -> pb.GetRecommendationsResponse:
    """Says advice in the contract's words."""
    return pb.GetRecommendationsResponse(
        recommendations=[pb.Recommendation(code=code, message=text) for code, text in found],
        missing_minutes=advice.missing_minutes,
        rare_sounds=[
            pb.RareSound(phoneme=s.phoneme, count=s.count, example=s.example)
            for s in advice.sounds or ()
        ],
        threshold_costs=[
            pb.ThresholdCost(
                code=cost.code, recoverable_seconds=cost.recoverable_seconds, seconds=cost.seconds
            )
            for cost in sorted(advice.costs, key=lambda cost: -cost.recoverable_seconds)
        ],
    )
