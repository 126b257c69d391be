"""The use case ExportDataset: a version as files in one archive."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile
from google.protobuf import json_format

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_file, read_message
from services.chassis.errors import ConflictError, InvalidInputError
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from services.dataset import files
from services.dataset.archive import Archive, pcm_sha256, read_clip, wav_bytes
from services.dataset.consents.withdrawals import refuse_withdrawn
from services.dataset.files import Layout, Utterance, file_name, pretty_json
from services.dataset.recommending import Recommending
from services.dataset.report import SPLIT_NAMES, report_html
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

METHOD = "ttstrainer.dataset.v1.DatasetService.ExportDataset"
REVISION = 1
LAYOUTS: Mapping[int, Layout] = {
    pb.EXPORT_FORMAT_LJSPEECH: files.LJSPEECH,
    pb.EXPORT_FORMAT_COQUI_XTTS: files.COQUI_XTTS,
    pb.EXPORT_FORMAT_AUDIOFOLDER: files.AUDIOFOLDER,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes into one archive."""

    dataset: pb.Dataset
    document: pb.DatasetDocument
    layout: Layout
    utterances: Mapping[str, Utterance]
    """By clip id; clips whose audio stays out have none."""

    @property
    def paths(self) -> dict[str, str]:
        """Where each clip's audio lies in the archive."""
        return {clip_id: self.layout.path_of(u) for clip_id, u in self.utterances.items()}


class Exporting:
    """Writes archives."""

    def __init__(
        self, store: ArtifactStore, steps: StepResults, recommending: Recommending, scratch: Path
    ) -> None:
        """Reads and writes `store`; `scratch` holds one archive while it is written."""
        self._store = store
        self._steps = steps
        self._recommending = recommending
        self._scratch = scratch

    async def export(
        self, dataset: pb.Dataset, request: pb.ExportDatasetRequest, progress: Progress
    ) -> pb.DatasetArchive:
        """Returns the archive of `dataset`; one version and form always give the same bytes.

        Raises InvalidInputError for an unknown form, NotFoundError when audio is gone and
        ConflictError when it is not what the clips were cut from or a consent was withdrawn.
        """
        refuse_withdrawn(dataset)
        form = request.format or pb.EXPORT_FORMAT_LJSPEECH
        if form not in LAYOUTS:
            message = f"There is no export format {form}; use 1, 2 or 3."
            raise InvalidInputError(message, reason="UNKNOWN_FORMAT", field="format")
        parameters = {"format": form, "without_rejected": request.without_rejected_audio}
        inputs = (dataset.dataset_id, str(dataset.version), dataset.document_uri)

        async def compute() -> pb.DatasetArchive:
            document = await read_message(self._store, dataset.document_uri, pb.DatasetDocument)
            with_rejected = not request.without_rejected_audio
            plan = _plan(dataset, document, LAYOUTS[form], with_rejected=with_rejected)
            return await self._written(plan, form, progress)

        step = Step(METHOD, REVISION, parameters, inputs)
        return await self._steps.once(step, pb.DatasetArchive, compute)

    async def _written(
        self, plan: Plan, form: pb.ExportFormat.ValueType, progress: Progress
    ) -> pb.DatasetArchive:
        advice = await self._recommending.recommend(plan.dataset)
        self._scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._scratch) as folder:
            path = Path(folder, "dataset.tar")
            done = 0
            with Archive(path) as archive:
                await asyncio.to_thread(_add_tables, archive, plan, advice)
                for audio_uri, clips in _by_audio(plan):
                    async with (
                        self._store.opened(key_of(audio_uri)) as audio_path,
                        stop_signal() as stopped,
                    ):
                        await asyncio.to_thread(
                            _add_clips, archive, plan, audio_path, clips, stopped
                        )
                    done += len(clips)
                    progress(done / len(plan.utterances))
            blob = await add_file(self._store, path)
        return pb.DatasetArchive(
            dataset=plan.dataset, archive_uri=blob.uri, size_bytes=blob.size_bytes, format=form
        )


@asynccontextmanager
async def stop_signal() -> AsyncIterator[threading.Event]:
    """Tells a thread that its caller was cancelled: threads cannot be."""
    stopped = threading.Event()
    try:
        yield stopped
    finally:
        stopped.set()


def _plan(
    dataset: pb.Dataset, document: pb.DatasetDocument, layout: Layout, *, with_rejected: bool
) -> Plan:
    names = {recording.recording_id: recording.display_name for recording in document.recordings}
    utterances = {
        clip.clip_id: Utterance(
            name=file_name(names[clip.recording_id], clip.recording_id, clip.start_seconds),
            text=clip.text,
            split=SPLIT_NAMES.get(clip.split, files.REJECTED),
            duration_seconds=clip.end_seconds - clip.start_seconds,
            speaker=dataset.dataset_id,
        )
        for clip in document.clips
        if with_rejected or not clip.reasons
    }
    return Plan(dataset, document, layout, utterances)


def _add_tables(archive: Archive, plan: Plan, advice: pb.GetRecommendationsResponse) -> None:
    kept = [u for u in plan.utterances.values() if u.split != files.REJECTED]
    for name, content in plan.layout.tables_of(kept).items():
        archive.add(name, content.encode())
    archive.add("dataset.json", pretty_json(_described(plan)).encode())
    page = report_html(plan.dataset, plan.document, advice, plan.paths)
    archive.add("report.html", page.encode())


def _described(plan: Plan) -> dict[str, object]:
    paths = plan.paths
    dataset = json_format.MessageToDict(plan.dataset, preserving_proto_field_name=True)
    document = json_format.MessageToDict(plan.document, preserving_proto_field_name=True)
    clips = [{"file": paths.get(c["clip_id"], ""), **c} for c in document.pop("clips", [])]
    return {**dataset, **document, "clips": clips}


def _by_audio(plan: Plan) -> Iterator[tuple[str, Sequence[pb.DatasetClip]]]:
    """Clips of one file together, in the document's order, so each file is opened once."""
    groups: dict[str, list[pb.DatasetClip]] = {}
    for clip in plan.document.clips:
        if clip.clip_id in plan.utterances:
            groups.setdefault(clip.audio_uri, []).append(clip)
    yield from groups.items()


def _add_clips(
    archive: Archive,
    plan: Plan,
    audio_path: Path,
    clips: Iterable[pb.DatasetClip],
    stopped: threading.Event,
) -> None:
    with soundfile.SoundFile(audio_path) as audio:
        for clip in clips:
            if stopped.is_set():
                return
            samples = read_clip(audio, clip.start_sample, clip.end_sample)
            if pcm_sha256(samples) != clip.pcm_sha256:
                message = (
                    f"The audio of clip {clip.clip_id} is not what it was cut from; "
                    "run the recording through the pipeline again."
                )
                raise ConflictError(message, reason="AUDIO_CHANGED")
            name = plan.layout.path_of(plan.utterances[clip.clip_id])
            archive.add(name, wav_bytes(samples, audio.samplerate))
