"""What is counted of curation."""

from services.dataset.candidate import Reason
from services.dataset.metrics import count_candidates
from tests.counted import counting
from tests.unit.dataset.clips import clip


def test_clips_are_counted_as_far_as_they_got() -> None:
    dropped_here = Reason("dataset", "SPEECH_RATE", "")
    dropped_before = Reason("audio-qc", "LOW_SNR", "")
    with counting() as counted:
        count_candidates(
            [
                clip(seconds=5),
                clip(seconds=2, reasons=(dropped_here, Reason("dataset", "LOW_DNSMOS", ""))),
                clip(seconds=3, reasons=(dropped_before, dropped_here)),
                clip(seconds=4, reasons=(Reason("review", "REVIEWED", ""),)),
            ]
        )
    assert counted("ttstrainer_dataset_clips_total", verdict="accepted") == 1
    assert counted("ttstrainer_dataset_clips_total", verdict="rejected") == 2
    assert counted("ttstrainer_dataset_clip_seconds_total", verdict="rejected") == 6
    rejected = "ttstrainer_dataset_rejected_clips_total"
    assert counted(rejected, reason="SPEECH_RATE") == 1
    assert counted(rejected, reason="LOW_DNSMOS") == 1
    assert counted(rejected, reason="REVIEWED") == 1
    assert counted(rejected, reason="LOW_SNR") == 0, "audio-qc has counted it"
