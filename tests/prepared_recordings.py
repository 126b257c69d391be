"""Recordings as they come out of transcription, for tests of the dataset service."""

import hashlib
import io
import wave
from collections.abc import Sequence

import numpy as np

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_bytes, add_message
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as audio_qc_pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.transcription.v1 import transcription_service_pb2 as transcription_pb

SAMPLE_RATE_HERTZ = 24_000
CLIP_SECONDS, GAP_SECONDS = 2.0, 0.5


async def prepared_recording(
    store: ArtifactStore,
    name: str,
    texts: Sequence[str],
    *,
    qc_rejected: Sequence[int] = (),
    distrusted: Sequence[int] = (),
    missing_seconds: float = 0.0,
    sample_rate_hertz: int = SAMPLE_RATE_HERTZ,
    embedding: Sequence[float] = (),
) -> pb.RecordingInput:
    """Stores audio, clips, texts and verdicts of a recording with one clip for each text.

    Clips last CLIP_SECONDS and follow gaps of GAP_SECONDS, of which every third has sound.
    """
    recording_id = hashlib.sha256(name.encode()).hexdigest()
    clip_samples = round(CLIP_SECONDS * sample_rate_hertz)
    gap_samples = round(GAP_SECONDS * sample_rate_hertz)
    count = len(texts) * (clip_samples + gap_samples)
    seed = int(recording_id[:8], 16)
    pcm = (np.random.default_rng(seed).standard_normal(count) * 800).astype("<i2")
    audio_uri = (await add_bytes(store, _wav(pcm, sample_rate_hertz))).uri
    clips = audio_qc_pb.ClipSet(
        recording_id=recording_id,
        audio_uri=audio_uri,
        sample_rate_hertz=sample_rate_hertz,
        sample_count=count,
    )
    transcript = transcription_pb.TranscriptDocument(recording_id=recording_id, language_code="en")
    verdicts = transcription_pb.VerdictDocument(recording_id=recording_id)
    for number, text in enumerate(texts):
        gap_start = number * (clip_samples + gap_samples)
        start, end = gap_start + gap_samples, gap_start + gap_samples + clip_samples
        clip_id = f"{recording_id}-{start}"
        clips.gaps.add(start_sample=gap_start, end_sample=start, has_sound=number % 3 == 2)
        clip = clips.clips.add(
            clip_id=clip_id,
            start_sample=start,
            end_sample=end,
            pcm_sha256=hashlib.sha256(pcm[start:end].tobytes()).hexdigest(),
            verdict=audio_qc_pb.VERDICT_ACCEPTED,
            speaker_id="speaker_1",
            grade=audio_qc_pb.AudioGrade(snr_decibels=30, dnsmos_overall=3.2, speech_ratio=0.9),
        )
        if number in qc_rejected:
            clip.verdict = audio_qc_pb.VERDICT_REJECTED
            clip.reasons.add(code="LOW_SNR", message="SNR is 5 dB, below 12 dB.")
            continue
        transcript.clips.add(clip_id=clip_id, text=text, confidence=0.9)
        verdict = verdicts.clips.add(clip_id=clip_id, accepted=number not in distrusted)
        if number in distrusted:
            verdict.reasons.add(code="CUT_WORD", message="The last word is cut.")
    return pb.RecordingInput(
        recording_id=recording_id,
        display_name=name,
        audio_uri=audio_uri,
        clips_uri=(await add_message(store, clips)).uri,
        transcript_uri=(await add_message(store, transcript)).uri,
        verdicts_uri=(await add_message(store, verdicts)).uri,
        duration_seconds=count / sample_rate_hertz + missing_seconds,
        missing_seconds=missing_seconds,
        speaker_embedding=embedding,
    )


def _wav(pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]", sample_rate_hertz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(sample_rate_hertz)
        wav.writeframes(pcm.tobytes())
    return file.getvalue()
