"""What speech looks like on a terminal and in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from gateway.cli.exit_status import ExitStatus
from gateway.cli.names import printable
from ttstrainer.inference.v1 import inference_service_pb2 as pb

FINISH_REASONS = {
    pb.FINISH_REASON_COMPLETE: "complete",
    pb.FINISH_REASON_MAX_LENGTH: "max_length",
    pb.FINISH_REASON_RUNAWAY: "runaway",
}
CUT = {
    pb.FINISH_REASON_MAX_LENGTH: "It is cut at the longest that the server speaks: --max-seconds, "
    "or parts of the text, say what you want.",
    pb.FINISH_REASON_RUNAWAY: "A sentence did not find its end and was cut: another --seed may.",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech that was made."""

    form: pb.AudioFormat
    summary: pb.SpeechSummary


def spoken_status(summary: pb.SpeechSummary, options: pb.SpeechOptions) -> ExitStatus:
    """Returns how the command ended: a length that was asked for is no failure."""
    asked = bool(options.max_audio_seconds)
    if summary.finish_reason == pb.FINISH_REASON_MAX_LENGTH and asked:
        return ExitStatus.OK
    return ExitStatus.PARTLY if summary.finish_reason in CUT else ExitStatus.OK


def spoken_payload(spoken: Spoken, output: Path | None, status: ExitStatus) -> dict[str, object]:
    """Returns the speech for programs."""
    summary = spoken.summary
    return {
        "exit_code": int(status),
        "output": str(output) if output else "",
        "voice_id": spoken.form.voice_id,
        "model": spoken.form.model,
        "model_version": spoken.form.model_version,
        "sample_rate_hertz": spoken.form.sample_rate_hertz,
        "synthetic": spoken.form.synthetic,
        "audio_seconds": summary.audio_seconds,
        "time_to_first_audio_seconds": summary.time_to_first_audio_seconds,
        "real_time_factor": summary.real_time_factor,
        "sentence_count": summary.sentence_count,
        "token_count": summary.token_count,
        "finish_reason": FINISH_REASONS.get(summary.finish_reason, "unknown"),
        "seed": summary.seed,
    }


def spoken_detail(summary: pb.SpeechSummary) -> str:
    """Returns how fast it went, in a few words."""
    return (
        f"{summary.audio_seconds:.1f} s of audio, the first after "
        f"{summary.time_to_first_audio_seconds:.2f} s, real-time factor "
        f"{summary.real_time_factor:.2f}"
    )


def spoken_lines(
    spoken: Spoken, output: Path | None, status: ExitStatus
) -> Iterator[RenderableType]:
    """Yields the speech for people."""
    where = f": {printable(str(output))}" if output else ""
    yield Text(
        f"Synthetic speech of {spoken.summary.audio_seconds:.1f} s, voice {spoken.form.voice_id}, "
        f"seed {spoken.summary.seed}{where}"
    )
    if status is ExitStatus.PARTLY:
        yield Text(CUT[spoken.summary.finish_reason])
