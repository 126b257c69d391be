"""The commands of single stages; the output folder of each is the input of the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.exit_status import ExitStatus
from gateway.cli.importing import Imported, LeftOut, import_all
from gateway.cli.inputs import Input, find_inputs
from gateway.cli.output import check_folder
from gateway.cli.parallel import in_parallel
from gateway.cli.reference_clip import reference_audio_uri
from gateway.cli.runs.run_options import StageOptions
from gateway.cli.session import Session
from gateway.cli.stages.clip_files import cut_clips
from gateway.cli.stages.files import carried_files, planned_stems, write_sidecar
from gateway.cli.stages.readable_transcript import as_srt, as_text
from gateway.cli.stages.result import Finished, stage_payload, stage_tables, status_of
from gateway.cli.stages.stages import Stages
from gateway.services import AUDIO_QC, MEDIA, TRANSCRIPTION, Service
from ttstrainer.audio_qc.v1.audio_qc_service_pb2 import ClipSet
from ttstrainer.transcription.v1.transcription_service_pb2 import TranscriptDocument

MAX_PARALLEL_RECORDINGS = 4

Work = Callable[[Stages, Imported, Path, str], Awaitable[dict[str, str]]]
"""Does a stage, writes its files into a folder under a stem, and returns what they are."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as a command: what it needs and what it does."""

    services: Callable[[Sequence[Input]], tuple[Service, ...]]
    """What it needs, which depends on how far the inputs have come already."""
    work: Work


@dataclass(frozen=True, slots=True)
class StageCommand:
    """Does one stage on every input; what fails is left out with its reason."""

    stage: Stage
    paths: Sequence[Path]
    output: Path
    options: StageOptions
    with_subtitles: bool = True

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        inputs = await asyncio.to_thread(find_inputs, self.paths)
        check_folder(self.output)
        async with session.client(*self.stage.services(inputs)) as client:
            imports = await import_all(client.media, inputs, session.reporter)
            self.output.mkdir(parents=True, exist_ok=True)
            stems = planned_stems(imports.recordings, self.output)
            reference = await reference_audio_uri(
                client.media, self.options.reference, session.reporter
            )
            stages = Stages(client, session.reporter, self.options, reference, self.with_subtitles)

            async def lead(recording: Imported) -> Finished:
                return await self._lead(stages, recording, stems[recording.recording.recording_id])

            outcomes = await in_parallel(
                imports.recordings,
                lambda recording: stages.attempt(recording, lead),
                limit=MAX_PARALLEL_RECORDINGS,
            )
        done = [each for each in outcomes if isinstance(each, Finished)]
        left_out = imports.left_out + [each for each in outcomes if isinstance(each, LeftOut)]
        status = status_of(done, left_out)
        session.reporter.result(
            stage_payload(self.output, done, left_out, status),
            stage_tables(self.output, done, left_out),
        )
        return status

    async def _lead(self, stages: Stages, recording: Imported, stem: str) -> Finished:
        sidecar = recording.sidecar
        written = await self.stage.work(stages, recording, self.output, stem)
        carried = carried_files(sidecar, recording.path.parent, self.output)
        sidecar.files = {**carried, **written}
        await asyncio.to_thread(write_sidecar, self.output, stem, sidecar)
        return Finished(recording.recording.recording_id, sidecar.display_name, f"{stem}.json")


async def _extract(stages: Stages, recording: Imported, folder: Path, stem: str) -> dict[str, str]:
    audio = await stages.extract(recording)
    await stages.client.media.download(audio.audio_uri, folder / f"{stem}.flac")
    return {"extracted_audio": f"{stem}.flac"}


def _preprocess(*, clip_files: bool) -> Work:
    async def work(stages: Stages, recording: Imported, folder: Path, stem: str) -> dict[str, str]:
        prepared = await stages.prepare(recording)
        audio, clips = folder / f"{stem}.wav", folder / f"{stem}.clips.json"
        await stages.client.media.download(prepared.audio_uri, audio)
        await stages.client.media.download(prepared.clips_uri, clips)
        if clip_files:
            found = await stages.client.media.read_message(prepared.clips_uri, ClipSet)
            await asyncio.to_thread(cut_clips, audio, found, folder / stem)
            return {"prepared_audio": audio.name, "clips": clips.name, "clip_files": stem}
        return {"prepared_audio": audio.name, "clips": clips.name}

    return work


async def _transcribe(
    stages: Stages, recording: Imported, folder: Path, stem: str
) -> dict[str, str]:
    media = stages.client.media
    transcript, verified = await stages.transcribe(recording)
    document = await media.read_message(transcript.transcript_uri, TranscriptDocument)
    files = {
        "transcript": f"{stem}.transcript.json",
        "verdicts": f"{stem}.verdicts.json",
        "subtitles": f"{stem}.srt",
        "text": f"{stem}.txt",
    }
    await media.download(transcript.transcript_uri, folder / files["transcript"])
    await media.download(verified.verdicts_uri, folder / files["verdicts"])
    (folder / files["subtitles"]).write_text(as_srt(document.clips), encoding="utf-8")
    (folder / files["text"]).write_text(as_text(document.clips), encoding="utf-8")
    return files


def _for_transcription(inputs: Sequence[Input]) -> tuple[Service, ...]:
    prepared = all(each.sidecar and each.sidecar.prepared for each in inputs)
    return (MEDIA, TRANSCRIPTION) if prepared else (MEDIA, AUDIO_QC, TRANSCRIPTION)


EXTRACT_AUDIO = Stage(lambda _: (MEDIA,), _extract)
PREPROCESS_AUDIO = Stage(lambda _: (MEDIA, AUDIO_QC), _preprocess(clip_files=False))
PREPROCESS_AUDIO_WITH_CLIPS = Stage(lambda _: (MEDIA, AUDIO_QC), _preprocess(clip_files=True))
TRANSCRIBE = Stage(_for_transcription, _transcribe)
