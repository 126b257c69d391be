"""Reads an exported dataset back, and scores it against what was said."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from gateway.demo.check import Score, Speech, score
from gateway.demo.samples import Sample


def scores_of(dataset_folder: Path, samples: Sequence[Sample]) -> dict[str, Score]:
    """Returns the score of each sample, by the name of its video."""
    content = json.loads((dataset_folder / "dataset.json").read_text(encoding="utf-8"))
    names = {each["recording_id"]: each["display_name"] for each in content["recordings"]}
    clips: defaultdict[str, list[Speech]] = defaultdict(list)
    kept: set[Speech] = set()
    for clip in content["clips"]:
        speech = Speech(
            float(clip.get("start_seconds", 0.0)),
            float(clip.get("end_seconds", 0.0)),
            str(clip.get("text", "")),
        )
        clips[names[clip["recording_id"]]].append(speech)
        if not clip.get("reasons"):
            kept.add(speech)
    return {
        sample.video.name: score(sample.said, clips[sample.video.name], kept) for sample in samples
    }
