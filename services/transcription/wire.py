"""Translates between the recogniser's words and the contract's messages."""

from collections.abc import Sequence

from services.transcription.cuts import Cut
from services.transcription.recognition import (
    RecogniserDescription,
    Recognition,
    Segment,
    Word,
    compression_ratio,
)
from services.transcription.verdict import Reason
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["TranscriptionService"].full_name
TRANSCRIBE = f"{SERVICE}.TranscribeAudio"
VERIFY = f"{SERVICE}.VerifyTranscript"


def accepted_cuts(clips: qc.ClipSet) -> list[Cut]:
    """Returns the clips that may be used, as stretches of the prepared audio."""
    rate = clips.sample_rate_hertz
    return [
        Cut(clip.clip_id, clip.start_sample / rate, clip.end_sample / rate)
        for clip in clips.clips
        if clip.verdict == qc.VERDICT_ACCEPTED
    ]


def clip_transcript(
    cut: Cut, recognition: Recognition, subtitle_text: str | None
) -> pb.ClipTranscript:
    """Returns the text of a clip: what was heard, or its words of the subtitles where there are.

    The times of `recognition` count from the start of the audio.
    """
    language, probability = max(
        recognition.language_probabilities.items(), key=lambda each: each[1], default=("", 0.0)
    )
    return pb.ClipTranscript(
        clip_id=cut.clip_id,
        start_seconds=cut.start_seconds,
        end_seconds=cut.end_seconds,
        text=recognition.text if subtitle_text is None else subtitle_text,
        recognised_text="" if subtitle_text is None else recognition.text,
        segments=[segment_message(segment) for segment in recognition.segments],
        language_code=language,
        language_probability=_rounded(probability),
        confidence=_rounded(recognition.confidence),
        no_speech_probability=_rounded(recognition.no_speech_probability),
        compression_ratio=_rounded(compression_ratio(recognition.text)),
    )


def segment_message(segment: Segment) -> pb.Segment:
    """Returns a segment as it goes over the wire."""
    return pb.Segment(
        start_seconds=_rounded(segment.start_seconds),
        end_seconds=_rounded(segment.end_seconds),
        text=segment.text,
        confidence=_rounded(segment.confidence),
        no_speech_probability=_rounded(segment.no_speech_probability),
        words=[
            pb.Word(
                text=word.text,
                start_seconds=_rounded(word.start_seconds),
                end_seconds=_rounded(word.end_seconds),
                confidence=_rounded(word.confidence),
            )
            for word in segment.words
        ],
    )


def recognition_of(clip: pb.ClipTranscript) -> Recognition:
    """Returns what was heard in a clip, counted from the start of the audio."""
    segments = tuple(
        Segment(
            segment.start_seconds,
            segment.end_seconds,
            segment.text,
            segment.confidence,
            segment.no_speech_probability,
            tuple(
                Word(word.text, word.start_seconds, word.end_seconds, word.confidence)
                for word in segment.words
            ),
        )
        for segment in clip.segments
    )
    languages = {clip.language_code: clip.language_probability} if clip.language_code else {}
    return Recognition(segments, languages)


def verdict_message(
    clip_id: str, reasons: Sequence[Reason], disagreement: float | None
) -> pb.ClipVerdict:
    """Returns a verdict; without reasons the clip is accepted."""
    return pb.ClipVerdict(
        clip_id=clip_id,
        accepted=not reasons,
        reasons=[pb.VerdictReason(code=each.code, message=each.message) for each in reasons],
        second_decoding_word_error_rate=None if disagreement is None else _rounded(disagreement),
    )


def recogniser_info(description: RecogniserDescription) -> pb.RecogniserInfo:
    """Returns how a recogniser runs."""
    return pb.RecogniserInfo(
        model=description.model,
        model_sha256=description.model_sha256,
        device=description.device,
        compute_type=description.compute_type,
    )


def _rounded(value: float) -> float:
    """Drops the digits in which builds of the same libraries may differ."""
    return round(value, 4)
