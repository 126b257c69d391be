"""A request and the settings make a plan, or are refused."""

import pytest

from services.audio_qc.planning import plan_of
from services.audio_qc.settings import AudioQcSettings
from services.chassis.errors import InvalidInputError
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

SETTINGS = AudioQcSettings(store_url="file:///nowhere")


def test_a_request_without_wishes_gets_the_settings() -> None:
    plan = plan_of(pb.PrepareAudioRequest(), SETTINGS)
    assert plan.sample_rate_hertz == 24_000
    assert (plan.min_clip_seconds, plan.max_clip_seconds) == (2.0, 11.5)
    assert plan.noise_reduction == "none"


def test_wishes_replace_the_settings() -> None:
    request = pb.PrepareAudioRequest(
        sample_rate_hertz=22_050,
        target_loudness_lufs=-23,
        noise_reduction=pb.NOISE_REDUCTION_SPECTRAL,
        max_clip_seconds=8,
    )
    plan = plan_of(request, SETTINGS)
    assert (plan.sample_rate_hertz, plan.target_loudness_lufs) == (22_050, -23)
    assert plan.noise_reduction == "spectral"
    assert plan.limits.max_clip == 8 * 22_050


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.PrepareAudioRequest(sample_rate_hertz=44_100), "sample_rate_hertz"),
        (pb.PrepareAudioRequest(target_loudness_lufs=-3), "target_loudness_lufs"),
        (pb.PrepareAudioRequest(true_peak_ceiling_dbtp=1), "true_peak_ceiling_dbtp"),
        (pb.PrepareAudioRequest(min_clip_seconds=-1), "min_clip_seconds"),
        (pb.PrepareAudioRequest(max_clip_seconds=3), "max_clip_seconds"),
        (pb.PrepareAudioRequest(min_clip_seconds=6), "max_clip_seconds"),
        (pb.PrepareAudioRequest(min_clip_seconds=float("nan")), "min_clip_seconds"),
    ],
)
def test_impossible_wishes_are_refused_by_name(
    request_: pb.PrepareAudioRequest, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        plan_of(request_, SETTINGS)
    assert refused.value.field == field
    assert field in refused.value.message
