"""`tts-trainer runs`: what the pipeline has done and is doing."""

from dataclasses import dataclass

import typer

from gateway.cli import options
from gateway.cli.errors import CommandError
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.payloads import message_payload
from gateway.cli.runs.follow import follow, started
from gateway.cli.runs.report import run_tables, runs_table
from gateway.cli.runs.run_view import RunView
from gateway.cli.session import Session, exit_with
from gateway.services import PIPELINE, TO_A_DATASET
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

runs_app = typer.Typer(help="Show, watch, cancel and retry runs.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class ListRuns:
    """Shows the newest runs."""

    voice: str
    limit: int

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        async with session.client(PIPELINE) as client:
            runs = await client.pipeline.runs(voice=self.voice, limit=self.limit)
        session.reporter.result({"runs": [message_payload(run) for run in runs]}, runs_table(runs))
        return ExitStatus.OK


@dataclass(frozen=True, slots=True)
class ShowRun:
    """Shows one run with its recordings."""

    run_id: str

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        async with session.client(PIPELINE) as client:
            run = await client.pipeline.get(self.run_id)
        session.reporter.result(message_payload(run), run_tables(run))
        return ExitStatus.OK


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Ends a run."""

    run_id: str

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        async with session.client(PIPELINE) as client:
            run = await client.pipeline.cancel(self.run_id)
        session.reporter.result(message_payload(run), run_tables(run))
        return ExitStatus.OK


@dataclass(frozen=True, slots=True)
class FollowRun:
    """Shows a run until it has ended, perhaps after starting it again."""

    run_id: str
    retry: bool = False

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        async with session.client(*TO_A_DATASET) as client:
            if self.retry:
                await started(client, session, client.pipeline.retry(self.run_id))
            view = RunView(session.reporter)
            await follow(client, session, view, self.run_id, cancels=self.retry)
        run = view.run
        session.reporter.result(message_payload(run), run_tables(run))
        if run.state != pb.STATE_SUCCEEDED:
            raise CommandError(f"Run {run.run_id} has not succeeded.")
        return ExitStatus.PARTLY if run.failed_count else ExitStatus.OK


@runs_app.command("list", epilog=EPILOG)
def list_runs(
    *,
    voice: str = typer.Option("", help="Only runs of this voice."),
    limit: int = typer.Option(20, min=1, help="How many runs to show, the newest first."),
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """List runs, the newest first."""
    exit_with(ListRuns(voice, limit), server, as_json=as_json, debug=debug)


@runs_app.command("show", epilog=EPILOG)
def show(
    *,
    run_id: options.RunId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Show one run, with each of its recordings."""
    exit_with(ShowRun(run_id), server, as_json=as_json, debug=debug)


@runs_app.command("watch", epilog=EPILOG)
def watch(
    *,
    run_id: options.RunId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Watch a run until it has ended; Ctrl-C ends the watching, not the run."""
    exit_with(FollowRun(run_id), server, as_json=as_json, debug=debug)


@runs_app.command("cancel", epilog=EPILOG)
def cancel(
    *,
    run_id: options.RunId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Cancel a run; what it has done is kept."""
    exit_with(CancelRun(run_id), server, as_json=as_json, debug=debug)


@runs_app.command("retry", epilog=EPILOG)
def retry(
    *,
    run_id: options.RunId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Go on with a failed or cancelled run, or with the recordings it left out, and watch it."""
    command = FollowRun(run_id, retry=True)
    exit_with(command, server, as_json=as_json, debug=debug)
