"""The audio QC service behind a real channel, with models that know tones."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from services.audio_qc.grade_audio import GradeAudio
from services.audio_qc.prepare_audio import PrepareAudio
from services.audio_qc.servicer import AudioQcServicer
from services.audio_qc.settings import AudioQcSettings
from services.chassis.blobs import add_file
from services.chassis.steps import StepResults
from tests import speech
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.audio_qc import FakeModels
from tests.fakes.serving import serving
from tests.speech import Samples
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import (
    AudioQcServiceStub,
    add_AudioQcServiceServicer_to_server,
)

SETTINGS = AudioQcSettings(store_url="file:///unused", min_bandwidth_hertz=0, min_snr_decibels=-100)


@dataclass(frozen=True)
class AudioQc:
    """The service, seen from both sides."""

    stub: AudioQcServiceStub
    store: InMemoryArtifacts
    models: FakeModels
    preparation: PrepareAudio
    scratch: Path

    async def audio(self, samples: Samples, rate: int = 16_000) -> str:
        """Puts sound into the store and returns its URI."""
        path = speech.save(self.scratch.parent / "sound.wav", samples, rate)
        return (await add_file(self.store, path)).uri

    async def prepared(self, **wishes: object) -> pb.PreparedAudio:
        """Prepares and returns what the last message holds."""
        request = pb.PrepareAudioRequest(recording_id="rec", **wishes)  # type: ignore[arg-type]
        responses = [response async for response in self.stub.PrepareAudio(request)]
        assert all(each.WhichOneof("payload") == "progress_ratio" for each in responses[:-1])
        return responses[-1].prepared


@asynccontextmanager
async def audio_qc_service(folder: Path) -> AsyncIterator[AudioQc]:
    """Serves for as long as the block runs; what it keeps for a while lies below `folder`."""
    store, models = InMemoryArtifacts(), FakeModels()
    scratch = folder / "scratch"
    scratch.mkdir()
    with ThreadPoolExecutor(2) as executor:
        steps = StepResults(store)
        grading = GradeAudio(
            store=store,
            steps=steps,
            settings=SETTINGS,
            models=models,
            executor=executor,
            scratch=scratch,
        )
        preparation = PrepareAudio(
            store=store,
            steps=steps,
            settings=SETTINGS,
            models=models,
            executor=executor,
            scratch=scratch,
        )
        servicer = AudioQcServicer(grading, preparation)
        async with serving(partial(add_AudioQcServiceServicer_to_server, servicer)) as channel:
            yield AudioQc(AudioQcServiceStub(channel), store, models, preparation, scratch)


def talk(*tones: tuple[float, float], gap_seconds: float = 1.5) -> Samples:
    """Tones of (hertz, seconds), which our models take for speech of different people."""
    gap = speech.noise(gap_seconds, rms=0.0005)
    parts = [gap]
    for hertz, seconds in tones:
        parts += [speech.tone(seconds, hertz=hertz, peak=0.3), gap]
    return np.concatenate(parts)
