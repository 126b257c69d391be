"""What Prometheus hears of speech."""

from prometheus_client import REGISTRY

from services.inference import metrics  # noqa: F401 - it makes the series


def test_every_series_is_there_before_the_first_speech() -> None:
    samples = {
        (sample.name, *sorted(sample.labels.values()))
        for metric in REGISTRY.collect()
        for sample in metric.samples
    }
    for engine in ("xtts", "vits", "tortoise"):
        assert ("ttstrainer_inference_time_to_first_audio_seconds_count", engine) in samples
        assert ("ttstrainer_inference_active_streams", engine) in samples
        assert ("ttstrainer_inference_streams_total", "failed", engine) in samples
    for reason in ("QUEUE_FULL", "WAITED_TOO_LONG", "OUT_OF_MEMORY", "CLIENT_STALLED"):
        assert ("ttstrainer_inference_rejected_streams_total", reason) in samples
    assert ("ttstrainer_inference_model_unloads_total", "room") in samples
