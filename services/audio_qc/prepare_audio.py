"""The use case PrepareAudio: one mono file and graded clips of one speaker, from any recording."""

import tempfile
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from services.audio_qc import wire
from services.audio_qc.inference import Models
from services.audio_qc.inputs import content_id, explained, opened_audio
from services.audio_qc.metrics import count_clips
from services.audio_qc.pace import paced, unreported
from services.audio_qc.plan import Plan
from services.audio_qc.planning import plan_of
from services.audio_qc.preparation import Prepared, prepare
from services.audio_qc.settings import AudioQcSettings
from services.audio_qc.voices.reference import reference_voice
from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_file, add_message
from services.chassis.errors import InvalidInputError
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

REVISION = 1


class PrepareAudio:
    """Prepares recordings; what was prepared once is not computed again."""

    def __init__(
        self,
        *,
        store: ArtifactStore,
        steps: StepResults,
        settings: AudioQcSettings,
        models: Models,
        executor: Executor,
        scratch: Path,
    ) -> None:
        """Takes what it needs, made by the composition root."""
        self._store = store
        self._steps = steps
        self._settings = settings
        self._models = models
        self._executor = executor
        self._scratch = scratch

    async def prepare(
        self, request: pb.PrepareAudioRequest, progress: Progress
    ) -> pb.PreparedAudio:
        """Returns the result; raises NotFoundError, InvalidInputError and ConflictError."""
        if not request.recording_id:
            raise InvalidInputError("recording_id is empty.", field="recording_id")
        plan = plan_of(request, self._settings)
        with explained():
            models = self._models.identities()
        if plan.noise_reduction == "neural":
            with explained():
                models |= self._models.identities(("deepfilternet-3",))
        step = Step(
            method=wire.PREPARE_AUDIO,
            revision=REVISION,
            parameters=plan.parameters(),
            inputs=await self._inputs(request),
            models=models,
        )

        async def compute() -> pb.PreparedAudio:
            with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
                found = await self._prepared(request, plan, Path(folder), progress)
                kept = await self._kept(request.recording_id, plan.sample_rate_hertz, found)
                count_clips(found.clips)
                return kept

        return await self._steps.once(step, pb.PreparedAudio, compute)

    async def _inputs(self, request: pb.PrepareAudioRequest) -> tuple[str, ...]:
        uris = {"audio_uri": request.audio_uri, "reference_audio_uri": request.reference_audio_uri}
        ids = [
            await content_id(self._store, uri, field=field)
            for field, uri in uris.items()
            if uri or field == "audio_uri"
        ]
        return (request.recording_id, *ids)

    async def _prepared(
        self, request: pb.PrepareAudioRequest, plan: Plan, folder: Path, progress: Progress
    ) -> Prepared:
        reference = None
        if request.reference_audio_uri:
            field = "reference_audio_uri"
            async with self._opened(request.reference_audio_uri, field) as path:
                with explained(field), tempfile.TemporaryDirectory(dir=folder) as own:
                    reference = await paced(
                        self._executor,
                        unreported,
                        lambda pace: reference_voice(path, self._models, Path(own), pace),
                    )
        async with self._opened(request.audio_uri, "audio_uri") as path:
            with explained():
                return await paced(
                    self._executor,
                    progress,
                    lambda pace: prepare(
                        path, plan, self._models, folder, reference=reference, pace=pace
                    ),
                )

    def _opened(self, uri: str, field: str) -> AbstractAsyncContextManager[Path]:
        limit = self._settings.max_duration_seconds
        return opened_audio(self._store, uri, field=field, max_duration_seconds=limit)

    async def _kept(self, recording_id: str, rate: int, found: Prepared) -> pb.PreparedAudio:
        audio = await add_file(self._store, found.wav)
        clips = wire.clip_set_message(recording_id, audio.uri, rate, found)
        document = await add_message(self._store, clips)
        return wire.prepared_message(recording_id, audio.uri, document.uri, rate, found)
