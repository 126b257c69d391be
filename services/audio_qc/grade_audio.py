"""The use case GradeAudio: how good a recording is, and whether a voice can be trained on it."""

from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path

from services.audio_qc import wire
from services.audio_qc.inference import Models
from services.audio_qc.inputs import content_id, explained, opened_audio
from services.audio_qc.measures.grading import Measures, shortcomings
from services.audio_qc.measures.survey import survey
from services.audio_qc.pace import Pace, paced, unreported
from services.audio_qc.settings import AudioQcSettings
from services.audio_qc.sound.mastering import grade_source
from services.chassis.artifacts import ArtifactStore
from services.chassis.steps import Step, StepResults
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

REVISION = 1
MODELS = ("silero-vad", "dnsmos-p835")


class GradeAudio:
    """Grades audio; what was graded once is not measured again."""

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

    async def grade(self, request: pb.GradeAudioRequest) -> pb.AudioGrade:
        """Returns the grade; raises NotFoundError and InvalidInputError."""
        needed = self._settings.recording_thresholds(request.min_sample_rate_hertz)
        windows = self._settings.max_rated_windows
        with explained():
            models = self._models.identities(MODELS)
        step = Step(
            method=wire.GRADE_AUDIO,
            revision=REVISION,
            parameters={**asdict(needed), "max_rated_windows": windows},
            inputs=(await content_id(self._store, request.audio_uri, field="audio_uri"),),
            models=models,
        )

        async def compute() -> pb.AudioGrade:
            measures = await self._measured(request.audio_uri)
            return wire.grade_message(measures, shortcomings(measures, needed))

        return await self._steps.once(step, pb.AudioGrade, compute)

    async def _measured(self, uri: str) -> Measures:
        limit = self._settings.max_duration_seconds
        opened = opened_audio(self._store, uri, field="audio_uri", max_duration_seconds=limit)
        async with opened as path:
            with explained():
                return await paced(
                    self._executor, unreported, lambda pace: self._measure(path, pace)
                )

    def _measure(self, path: Path, pace: Pace) -> Measures:
        surveyed = survey(path, pace.part(0.0, 0.4))
        windows = self._settings.max_rated_windows
        return grade_source(
            path, surveyed, windows, self._models, self._scratch, pace=pace.part(0.4, 1.0)
        )
