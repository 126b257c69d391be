"""What is counted of verdicts on texts."""

from services.transcription.metrics import count_verdicts
from tests.counted import counting
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb


def test_verdicts_are_counted_with_the_seconds_of_their_clips() -> None:
    clips = [
        pb.ClipTranscript(start_seconds=1, end_seconds=5, confidence=0.93),
        pb.ClipTranscript(start_seconds=6, end_seconds=8, confidence=0.42),
    ]
    found = [pb.VerdictReason(code="LOW_CONFIDENCE"), pb.VerdictReason(code="CUT_WORD")]
    verdicts = [pb.ClipVerdict(accepted=True), pb.ClipVerdict(accepted=False, reasons=found)]
    with counting() as counted:
        count_verdicts(clips, verdicts)
    assert counted("ttstrainer_transcription_clips_total", verdict="accepted") == 1
    assert counted("ttstrainer_transcription_clip_seconds_total", verdict="accepted") == 4
    assert counted("ttstrainer_transcription_clip_seconds_total", verdict="rejected") == 2
    rejected = "ttstrainer_transcription_rejected_clips_total"
    assert counted(rejected, reason="LOW_CONFIDENCE") == 1
    assert counted(rejected, reason="CUT_WORD") == 1
    assert counted(rejected, reason="REPETITION") == 0
    confidence = "ttstrainer_transcription_clip_confidence_ratio"
    assert counted(f"{confidence}_bucket", verdict="rejected", le="0.5") == 1
    assert counted(f"{confidence}_bucket", verdict="accepted", le="0.9") == 0
