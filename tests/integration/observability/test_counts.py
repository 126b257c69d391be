"""What is counted of a run is what its dataset says, also when it is run again."""

from collections import Counter

import pytest

from tests.integration.observability.house import House
from tests.integration.observability.prometheus import Json, Prometheus

STAGES = ("audio-qc", "transcription", "dataset")

pytestmark = pytest.mark.timeout(300)


def test_each_clip_is_counted_once_by_each_stage_that_it_reaches(
    house: House, prometheus: Prometheus
) -> None:
    clips = house.clips()
    assert any(said_by("audio-qc", clip) for clip in clips), "the other speaker is kept"
    reached = clips
    for stage in STAGES:
        passed = [clip for clip in reached if not said_by(stage, clip)]
        assert counted(prometheus, stage, "accepted") == len(passed)
        assert counted(prometheus, stage, "rejected") == len(reached) - len(passed)
        reached = passed


@pytest.mark.parametrize("stage", STAGES)
def test_the_reasons_are_those_of_the_clips(
    stage: str, house: House, prometheus: Prometheus
) -> None:
    earlier = STAGES[: STAGES.index(stage)]
    reached = [it for it in house.clips() if not any(said_by(each, it) for each in earlier)]
    expected = Counter(code for clip in reached for code in said_by(stage, clip))
    name = f"ttstrainer_{stage.replace('-', '_')}_rejected_clips_total"
    series = prometheus.series(f"max_over_time({name}[10m])")
    found = {
        each["reason"]: last(prometheus, f'{name}{{reason="{each["reason"]}"}}') for each in series
    }
    assert {reason: count for reason, count in found.items() if count} == expected


def said_by(stage: str, clip: Json) -> set[str]:
    """Returns the reasons that a stage has against a clip."""
    return {it["code"] for it in clip.get("reasons", []) if it["stage"] == stage}


def counted(prometheus: Prometheus, stage: str, verdict: str) -> float:
    """Returns how many clips a stage has counted."""
    name = f"ttstrainer_{stage.replace('-', '_')}_clips_total"
    return last(prometheus, f'{name}{{verdict="{verdict}"}}')


def last(prometheus: Prometheus, series: str) -> float:
    """Returns the highest value: a service may have been started again since."""
    [value] = prometheus.query(f"max_over_time({series}[10m])")
    return value
