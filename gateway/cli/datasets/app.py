"""`tts-trainer datasets`: what has been built, and a person's word on it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.datasets.export import exported
from gateway.cli.datasets.folder import check_output_folder
from gateway.cli.datasets.report import (
    advice_lines,
    clip_lines,
    dataset_lines,
    datasets_table,
)
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.payloads import message_payload
from gateway.cli.runs.run_options import Format
from gateway.cli.session import Session, exit_with
from gateway.services import DATASET, MEDIA
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

datasets_app = typer.Typer(help="Show, review and export datasets.", no_args_is_help=True)


class Clips(StrEnum):
    """Which clips to list."""

    ALL = "all"
    KEPT = "kept"
    REJECTED = "rejected"


CLIP_FILTERS = {
    Clips.ALL: pb.CLIP_FILTER_UNSPECIFIED,
    Clips.KEPT: pb.CLIP_FILTER_KEPT,
    Clips.REJECTED: pb.CLIP_FILTER_REJECTED,
}


@datasets_app.command("list", epilog=EPILOG)
def list_datasets(
    *, server: options.Server = "", as_json: options.AsJson = False, debug: options.Debug = False
) -> None:
    """List the newest version of each dataset."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            found = [each async for each in client.dataset.datasets()]
        payload = {"datasets": [message_payload(each) for each in found]}
        session.reporter.result(payload, datasets_table(found))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@datasets_app.command("show", epilog=EPILOG)
def show(
    *,
    dataset_id: options.DatasetId,
    version: options.Version = 0,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Show what a version amounts to."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            dataset = await client.dataset.get(dataset_id, version)
        session.reporter.result(message_payload(dataset), dataset_lines(dataset))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@datasets_app.command("clips", epilog=EPILOG)
def clips(
    *,
    dataset_id: options.DatasetId,
    which: Annotated[Clips, typer.Option("--which", help="Which clips.")] = Clips.ALL,
    reason: Annotated[str, typer.Option(help="Only clips rejected for it, such as LOW_SNR.")] = "",
    version: options.Version = 0,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """List clips with their texts and the reasons they were rejected for."""

    async def command(session: Session) -> ExitStatus:
        request = pb.ListClipsRequest(
            dataset_id=dataset_id,
            version=version,
            filter=CLIP_FILTERS[which],
            reason_code=reason,
        )
        async with session.client(DATASET) as client:
            found = [each async for each in client.dataset.clips(request)]
        payload = {"clips": [message_payload(each) for each in found]}
        session.reporter.result(payload, clip_lines(found))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@dataclass(frozen=True, slots=True)
class Review:
    """A person's decision on one clip."""

    dataset_id: str
    clip_id: str
    keep: bool
    reject: str | None
    text: str | None

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        if sum((self.keep, self.reject is not None, self.text is not None)) != 1:
            raise UsageError("Say one thing of a clip: --keep, --reject WHY or --text TEXT.")
        async with session.client(DATASET) as client:
            newest = await client.dataset.get(self.dataset_id)
            request = pb.ReviewClipRequest(
                dataset_id=self.dataset_id, version=newest.version, clip_id=self.clip_id
            )
            if self.text is not None:
                request.edit.text = self.text
            elif self.reject is not None:
                request.reject.reason = self.reject
            else:
                request.keep.SetInParent()
            answer = await client.dataset.review(request)
        session.reporter.result(message_payload(answer.dataset), dataset_lines(answer.dataset))
        return ExitStatus.OK


@datasets_app.command("review", epilog=EPILOG)
def review(
    *,
    dataset_id: options.DatasetId,
    clip_id: Annotated[str, typer.Argument(help="The clip, as `datasets clips` shows it.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep it, whatever the filter said.")
    ] = False,
    reject: Annotated[str | None, typer.Option(help="Reject it, and say why.")] = None,
    text: Annotated[str | None, typer.Option(help="Keep it with this text.")] = None,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Keep a clip, reject it or correct its text: a new version, the old one stays as it is."""
    exit_with(Review(dataset_id, clip_id, keep, reject, text), server, as_json=as_json, debug=debug)


@datasets_app.command("export", epilog=EPILOG)
def export(
    *,
    dataset_id: options.DatasetId,
    output: Annotated[
        Path | None, options.output_option("./dataset/DATASET", "the dataset")
    ] = None,
    version: options.Version = 0,
    form: options.OutputFormat = Format.LJSPEECH,
    force: options.Force = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Write a version as files."""
    folder = output or Path("dataset") / dataset_id

    async def command(session: Session) -> ExitStatus:
        check_output_folder(folder, dataset_id, force=force)
        async with session.client(MEDIA, DATASET) as client:
            dataset = await client.dataset.get(dataset_id, version)
            return await exported(client, session, dataset, form=form, output=folder)

    exit_with(command, server, as_json=as_json, debug=debug)


@datasets_app.command("recommend", epilog=EPILOG)
def recommend(
    *,
    dataset_id: options.DatasetId,
    version: options.Version = 0,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Say what would make a dataset better."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            advice = await client.dataset.recommendations(dataset_id, version)
        session.reporter.result(message_payload(advice), advice_lines(advice))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)
