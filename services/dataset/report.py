"""The report: one page that shows what a dataset holds, what was left out, and why."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.dataset.figures import Histogram, histogram
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

TEMPLATE = "report.html.j2"
SPLIT_NAMES = {pb.SPLIT_TRAIN: "train", pb.SPLIT_VALIDATION: "validation"}

Clip = pb.DatasetClip


def report_html(
    dataset: pb.Dataset,
    document: pb.DatasetDocument,
    advice: pb.GetRecommendationsResponse,
    paths: Mapping[str, str],
) -> str:
    """Returns the page; `paths` maps clip ids to their audio, relative to it."""
    environment = Environment(
        loader=PackageLoader("services.dataset"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    summary = dataset.summary
    names = {recording.recording_id: recording.display_name for recording in document.recordings}
    kept = [clip for clip in document.clips if not clip.reasons]
    return environment.get_template(TEMPLATE).render(
        dataset=dataset,
        summary=summary,
        parts=_parts(summary, summary.input_seconds),
        recordings=[
            {"row": recording, "parts": _parts(recording, recording.duration_seconds)}
            for recording in sorted(document.recordings, key=lambda each: each.display_name)
        ],
        left_out=document.left_out,
        medians=_medians(kept),
        figures=[(f.title, f.unit, histogram(f)) for f in _figures(document)],
        rejections=summary.rejections,
        most_rejected_seconds=max((r.seconds for r in summary.rejections), default=1.0),
        recoverable={c.code: c.recoverable_seconds for c in advice.threshold_costs},
        advice=advice,
        rows=[_row(clip, names, paths) for clip in document.clips],
    )


def clock(seconds: float) -> str:
    """Returns a duration or a place in time as people write it: 1:02:03, 4:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _parts(account: pb.DatasetSummary | pb.DatasetRecording, total: float) -> list[dict[str, Any]]:
    parts = [
        ("kept", "kept", account.kept_seconds),
        ("rejected", "rejected", account.rejected_seconds),
        ("silence", "silence", account.silence_seconds),
        ("other", "other sound", account.other_sound_seconds),
        ("missing", "not decodable", account.missing_seconds),
    ]
    return [
        {"kind": kind, "name": name, "seconds": seconds, "percent": 100 * seconds / (total or 1)}
        for kind, name, seconds in parts
    ]


def _medians(kept: list[Clip]) -> dict[str, float]:
    measures = [clip.measures for clip in kept]
    return {
        "snr": median([m.snr_decibels for m in measures] or [0.0]),
        "dnsmos": median([m.dnsmos_overall for m in measures] or [0.0]),
        "confidence": median([m.confidence for m in measures] or [0.0]),
    }


def _figures(document: pb.DatasetDocument) -> list[Histogram]:
    kept = [clip for clip in document.clips if not clip.reasons]
    rejected = [clip for clip in document.clips if clip.reasons]

    def figure(title: str, unit: str, name: str, threshold: float | None = None) -> Histogram:
        def values(clips: list[Clip]) -> list[float]:
            # A measure of exactly zero was not taken: a rejected clip is not transcribed, say.
            return [v for c in clips if (v := getattr(c.measures, name))]

        return Histogram(title, unit, values(kept), values(rejected), threshold)

    options = document.options
    seconds = Histogram(
        "Clip duration",
        "s",
        [c.end_seconds - c.start_seconds for c in kept],
        [c.end_seconds - c.start_seconds for c in rejected],
    )
    return [
        seconds,
        figure("Signal-to-noise ratio", "dB", "snr_decibels", options.min_snr_decibels),
        figure("Quality (DNSMOS overall)", "1 to 5", "dnsmos_overall", options.min_dnsmos),
        figure("Word confidence", "0 to 1", "confidence", options.min_confidence),
        figure("Speech rate", "characters/s", "characters_per_second"),
        figure("Speaker similarity", "cosine", "speaker_similarity"),
    ]


def _row(clip: Clip, names: Mapping[str, str], paths: Mapping[str, str]) -> dict[str, Any]:
    """One clip as the page's script shows it."""
    measures = clip.measures
    return {
        "id": clip.clip_id,
        "audio": paths.get(clip.clip_id, ""),
        "text": clip.text,
        "recording": names.get(clip.recording_id, clip.recording_id),
        "start": round(clip.start_seconds, 2),
        "seconds": round(clip.end_seconds - clip.start_seconds, 2),
        "split": SPLIT_NAMES.get(clip.split, ""),
        "snr": round(measures.snr_decibels, 1),
        "mos": round(measures.dnsmos_overall, 2),
        "confidence": round(measures.confidence, 3),
        "rate": round(measures.characters_per_second, 1),
        "reviewed": clip.reviewed,
        "reasons": [[r.code, r.message, r.stage] for r in clip.reasons],
    }
