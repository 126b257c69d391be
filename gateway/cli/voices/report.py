"""What voices look like on a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.names import printable
from ttstrainer.inference.v1 import voice_service_pb2 as pb

ORIGINS = {pb.VOICE_ORIGIN_BUILT_IN: "built in", pb.VOICE_ORIGIN_CLONED: "cloned"}
STATES = {pb.VOICE_STATE_READY: "ready", pb.VOICE_STATE_WITHDRAWN: "withdrawn"}
VERDICTS = {
    pb.LIKENESS_VERDICT_SAME: "very likely one speaker",
    pb.LIKENESS_VERDICT_UNSURE: "it cannot be told",
    pb.LIKENESS_VERDICT_DIFFERENT: "very likely two speakers",
}


def voices_table(voices: Sequence[pb.Voice]) -> Iterator[RenderableType]:
    """Yields voices for people."""
    if not voices:
        yield Text("There are no voices: no model is installed that has one of its own.")
        return
    table = Table()
    for heading in ("Voice", "Name", "Language", "Model", "Origin", "State", "Consent"):
        table.add_column(heading, overflow="fold")
    for voice in voices:
        withdrawn = voice.state == pb.VOICE_STATE_WITHDRAWN
        table.add_row(
            Text(voice.voice_id),
            Text(printable(voice.display_name)),
            Text(voice.language_code),
            Text(voice.model),
            ORIGINS.get(voice.origin, "?"),
            Text(STATES.get(voice.state, "?"), style="red" if withdrawn else ""),
            Text(voice.consent_id),
        )
    yield table


def voice_lines(voice: pb.Voice) -> Iterator[RenderableType]:
    """Yields one voice for people, with what it was cloned from."""
    yield from voices_table([voice])
    if not voice.references:
        return
    table = Table("Cloned from", "Duration", "Speech", "SNR", "Loudness", "Worth knowing")
    for clip in voice.references:
        table.add_row(
            Text(printable(clip.display_name)),
            f"{clip.duration_seconds:.1f} s",
            f"{clip.speech_seconds:.1f} s",
            f"{clip.snr_db:.0f} dB",
            f"{clip.loudness_lufs:.0f} LUFS",
            Text("\n".join(clip.warnings)),
        )
    yield table


def comparison_lines(compared: pb.CompareVoicesResponse) -> Iterator[RenderableType]:
    """Yields how alike two voices are, for people."""
    yield Text(f"Similarity {compared.similarity:.2f}: {VERDICTS.get(compared.verdict, '?')}")
    yield Text(
        f"One speaker from {compared.same_from:.2f}, two below {compared.different_below:.2f}."
    )
