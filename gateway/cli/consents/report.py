"""What consents look like on a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.names import printable
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

PURPOSES = {
    pb.CONSENT_PURPOSE_CLONING: "cloning",
    pb.CONSENT_PURPOSE_TRAINING: "training",
}


def consents_table(consents: Sequence[pb.Consent]) -> Iterator[RenderableType]:
    """Yields consents for people."""
    if not consents:
        yield Text("There are no consents yet: `tts-trainer consents grant` records one.")
        return
    table = Table()
    for heading in ("Consent", "Speaker", "For", "Evidence", "Granted", "State"):
        table.add_column(heading, overflow="fold")
    for consent in consents:
        is_withdrawn = consent.HasField("withdraw_time")
        table.add_row(
            Text(consent.consent_id),
            Text(printable(consent.speaker_name)),
            ", ".join(PURPOSES.get(each, "?") for each in consent.purposes),
            "recording" if consent.evidence.audio_uri else "text",
            f"{consent.grant_time.ToDatetime():%Y-%m-%d}",
            Text("withdrawn", style="red") if is_withdrawn else "valid",
        )
    yield table


def consent_lines(consent: pb.Consent) -> Iterator[RenderableType]:
    """Yields one consent for people, with its evidence."""
    yield from consents_table([consent])
    evidence = consent.evidence
    yield Text(f"Statement ({evidence.language_code}): {printable(evidence.statement)}")
    if evidence.audio_uri:
        yield Text(f"Recording: {evidence.audio_uri}, {evidence.match_ratio:.0%} of it heard")
    if consent.recorded_by:
        yield Text(f"Recorded by {printable(consent.recorded_by)}")
    if consent.dataset_ids:
        yield Text(f"Datasets: {', '.join(consent.dataset_ids)}")
    if consent.withdraw_reason:
        yield Text(f"Withdrawn because: {printable(consent.withdraw_reason)}")
