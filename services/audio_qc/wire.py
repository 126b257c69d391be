"""Translation between our measures and clips and the messages of the contract."""

from collections.abc import Sequence

from services.audio_qc.clips import Clip
from services.audio_qc.measures.grading import Measures, Reason
from services.audio_qc.preparation import Prepared
from services.audio_qc.voices.casting import Cast
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

GRADE_AUDIO = "ttstrainer.audio_qc.v1.AudioQcService.GradeAudio"
PREPARE_AUDIO = "ttstrainer.audio_qc.v1.AudioQcService.PrepareAudio"
DIGITS = 4
"""Ten-thousandths say more than any of the measures knows."""
EMBEDDING_DIGITS = 6


def grade_message(measures: Measures, reasons: Sequence[Reason]) -> pb.AudioGrade:
    """Returns a grade; what was not measured stays zero."""
    rounded = {
        "duration_seconds": measures.duration_seconds,
        "snr_decibels": measures.snr_decibels,
        "silence_ratio": 1 - measures.speech_ratio,
        "speech_ratio": measures.speech_ratio,
        "integrated_loudness_lufs": measures.integrated_loudness_lufs,
        "true_peak_dbtp": measures.true_peak_dbtp,
        "effective_bandwidth_hertz": measures.effective_bandwidth_hertz,
        "dnsmos_overall": measures.dnsmos_overall or 0.0,
        "dnsmos_signal": measures.dnsmos_signal or 0.0,
        "dnsmos_background": measures.dnsmos_background or 0.0,
        "noise_floor_dbfs": measures.noise_floor_dbfs,
    }
    return pb.AudioGrade(
        verdict=_verdict(reasons),
        reasons=_reasons(reasons),
        sample_rate_hertz=measures.sample_rate_hertz,
        clipped_ratio=round(measures.clipped_ratio, 6),
        dc_offset_ratio=round(measures.dc_offset_ratio, 6),
        **{name: round(value, DIGITS) for name, value in rounded.items()},
    )


def clip_set_message(recording_id: str, audio_uri: str, rate: int, found: Prepared) -> pb.ClipSet:
    """Returns the document that accounts for every sample of a prepared recording."""
    return pb.ClipSet(
        recording_id=recording_id,
        audio_uri=audio_uri,
        sample_rate_hertz=rate,
        sample_count=found.sample_count,
        clips=[_clip(recording_id, clip) for clip in found.clips],
        gaps=[
            pb.Gap(start_sample=gap.range.start, end_sample=gap.range.end, has_sound=gap.has_sound)
            for gap in found.gaps
        ],
    )


def prepared_message(
    recording_id: str, audio_uri: str, clips_uri: str, rate: int, found: Prepared
) -> pb.PreparedAudio:
    """Returns what is told of a prepared recording."""
    accepted = [clip for clip in found.clips if not clip.reasons]
    return pb.PreparedAudio(
        recording_id=recording_id,
        audio_uri=audio_uri,
        sample_rate_hertz=rate,
        sample_count=found.sample_count,
        clips_uri=clips_uri,
        accepted_count=len(accepted),
        rejected_count=len(found.clips) - len(accepted),
        accepted_seconds=round(sum(clip.range.length for clip in accepted) / rate, DIGITS),
        speech_seconds=round(found.speech_seconds, DIGITS),
        gain_decibels=round(found.gain_decibels, DIGITS),
        source_grade=grade_message(found.source, found.source_reasons),
        speakers=_speakers(found.cast),
    )


def _clip(recording_id: str, clip: Clip) -> pb.Clip:
    return pb.Clip(
        clip_id=f"{recording_id}-{clip.range.start}",
        start_sample=clip.range.start,
        end_sample=clip.range.end,
        pcm_sha256=clip.pcm_sha256,
        verdict=_verdict(clip.reasons),
        reasons=_reasons(clip.reasons),
        grade=grade_message(clip.measures, clip.reasons),
        speaker_id=clip.speaker_id,
        speaker_similarity=round(clip.speaker_similarity, DIGITS),
    )


def _speakers(found: Cast) -> list[pb.Speaker]:
    return [
        pb.Speaker(
            speaker_id=voice.speaker_id,
            speech_seconds=round(voice.speech_seconds, DIGITS),
            is_target=voice is found.target,
            embedding=[round(float(value), EMBEDDING_DIGITS) for value in voice.centroid],
            reference_similarity=round(similarity, DIGITS),
        )
        for voice, similarity in zip(found.voices, found.reference_similarities, strict=True)
    ]


def _verdict(reasons: Sequence[Reason]) -> pb.Verdict.ValueType:
    return pb.VERDICT_REJECTED if reasons else pb.VERDICT_ACCEPTED


def _reasons(reasons: Sequence[Reason]) -> list[pb.Reason]:
    return [pb.Reason(code=reason.code, message=reason.message) for reason in reasons]
