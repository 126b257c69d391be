"""`tts-trainer run-pipeline`: from videos to a dataset folder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from gateway.cli.datasets.export import exported
from gateway.cli.datasets.folder import check_output_folder
from gateway.cli.errors import CommandError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.importing import Imported, LeftOut, import_all
from gateway.cli.inputs import find_inputs
from gateway.cli.names import checked_voice
from gateway.cli.reference_clip import reference_audio_uri
from gateway.cli.runs.follow import follow, started
from gateway.cli.runs.run_options import Format, StageOptions
from gateway.cli.runs.run_view import STAGE_NAMES, RunView
from gateway.cli.session import Session
from gateway.cli.stages.subtitles import subtitles_beside
from gateway.client.client import Client
from gateway.services import TO_A_DATASET
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class RunPipeline:
    """Imports recordings, runs the pipeline on them and exports the dataset."""

    paths: Sequence[Path]
    voice: str
    output: Path
    options: StageOptions
    format: Format = Format.LJSPEECH
    force: bool = False
    with_subtitles: bool = True

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        inputs = await asyncio.to_thread(find_inputs, self.paths)
        check_output_folder(self.output, checked_voice(self.voice), force=self.force)
        async with session.client(*TO_A_DATASET) as client:
            imports = await import_all(client.media, inputs, session.reporter)
            if not imports.recordings:
                raise CommandError("None of the recordings could be imported: see above.")
            run = await self._start(client, session, imports.recordings)
            view = RunView(session.reporter)
            await follow(client, session, view, run.run_id, cancels=True)
            return await self._finish(client, session, view, imports.left_out)

    async def _start(
        self, client: Client, session: Session, recordings: Sequence[Imported]
    ) -> pb.Run:
        reference = await reference_audio_uri(
            client.media, self.options.reference, session.reporter
        )
        request = pb.StartRunRequest(
            request_id=str(uuid4()),
            voice=self.voice,
            sources=[await self._source(client, each) for each in recordings],
            options=self.options.for_run(reference),
        )
        return await started(client, session, client.pipeline.start(request))

    async def _source(self, client: Client, imported: Imported) -> pb.RunSource:
        recording = imported.recording
        source = pb.RunSource(
            recording_id=recording.recording_id, display_name=recording.display_name
        )
        subtitles = subtitles_beside(imported.path) if self.with_subtitles else None
        if subtitles is not None:
            kept = await client.media.import_recording(subtitles, lambda _: None)
            source.subtitles_uri = kept.recording_uri
        return source

    async def _finish(
        self, client: Client, session: Session, view: RunView, not_imported: list[LeftOut]
    ) -> ExitStatus:
        run = view.run
        if run.state != pb.STATE_SUCCEEDED:
            raise CommandError(_why_not(run))
        dataset = await client.dataset.get(run.dataset.dataset_id, run.dataset.version)
        left_out = not_imported + [
            LeftOut(
                view.label(each),
                STAGE_NAMES.get(each.error.stage, "work"),
                each.error.reason,
                each.error.message,
            )
            for each in run.recordings
            if each.state == pb.STATE_FAILED
        ]
        told = {"run_id": run.run_id}
        return await exported(
            client,
            session,
            dataset,
            form=self.format,
            output=self.output,
            left_out=left_out,
            extra=told,
        )


def _why_not(run: pb.Run) -> str:
    if run.state == pb.STATE_CANCELLED:
        return f"Run {run.run_id} was cancelled: go on with `tts-trainer runs retry {run.run_id}`."
    return f"Run {run.run_id} failed: {run.error.message}"
