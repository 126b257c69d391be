"""`tts-trainer build-dataset`: from transcripts to a dataset folder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.datasets.export import exported
from gateway.cli.datasets.folder import check_output_folder
from gateway.cli.errors import CommandError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.importing import LeftOut, import_all
from gateway.cli.inputs import Input, find_inputs
from gateway.cli.names import checked_voice
from gateway.cli.parallel import in_parallel
from gateway.cli.runs.run_options import Format, StageOptions
from gateway.cli.session import Session
from gateway.cli.stages.commands import MAX_PARALLEL_RECORDINGS
from gateway.cli.stages.stages import Stages
from gateway.services import AUDIO_QC, DATASET, MEDIA, TRANSCRIPTION, Service
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class BuildDataset:
    """Brings every input as far as it must be, builds the dataset and writes it."""

    paths: Sequence[Path]
    output: Path
    options: StageOptions
    voice: str
    format: Format = Format.LJSPEECH
    force: bool = False

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        inputs = await asyncio.to_thread(find_inputs, self.paths)
        check_output_folder(self.output, checked_voice(self.voice), force=self.force)
        async with session.client(*_services(inputs)) as client:
            imports = await import_all(client.media, inputs, session.reporter)
            stages = Stages(client, session.reporter, self.options)

            outcomes = await in_parallel(
                imports.recordings,
                lambda recording: stages.attempt(recording, stages.ready_for_dataset),
                limit=MAX_PARALLEL_RECORDINGS,
            )
            left_out = imports.left_out + [e for e in outcomes if isinstance(e, LeftOut)]
            ready = [each for each in outcomes if isinstance(each, pb.RecordingInput)]
            if not ready:
                raise CommandError("None of the recordings can be used: see above.")
            request = pb.BuildDatasetRequest(
                dataset_id=self.voice,
                recordings=ready,
                options=pb.CurationOptions(language_code=self.options.language),
            )
            dataset = await client.dataset.build(request)
            return await exported(
                client, session, dataset, form=self.format, output=self.output, left_out=left_out
            )


def _services(inputs: Sequence[Input]) -> tuple[Service, ...]:
    """Returns what is needed, which depends on how far the inputs have come already."""
    if all(each.sidecar and each.sidecar.verified for each in inputs):
        return (MEDIA, DATASET)
    return (MEDIA, AUDIO_QC, TRANSCRIPTION, DATASET)
