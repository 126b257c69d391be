"""Inference and consents as a client sees them, at one address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from gateway.services import DATASET, INFERENCE
from tests.fakes.consent_service import FakeConsents
from tests.fakes.engine_service import FakeEngines
from tests.fakes.serving import listening
from tests.fakes.speech_service import FakeInference
from tests.fakes.voice_service import FakeVoices
from ttstrainer.dataset.v1 import consent_service_pb2_grpc as consent_rpc
from ttstrainer.inference.v1 import engine_service_pb2_grpc as engine_rpc
from ttstrainer.inference.v1 import inference_service_pb2_grpc as rpc
from ttstrainer.inference.v1 import voice_service_pb2_grpc as voice_rpc


@dataclass
class SpeakingServices:
    """All of them at one address."""

    inference: FakeInference = field(default_factory=FakeInference)
    voices: FakeVoices = field(default_factory=FakeVoices)
    engines: FakeEngines = field(default_factory=FakeEngines)
    consents: FakeConsents = field(init=False)

    def __post_init__(self) -> None:
        """Lets voices hear of withdrawn consents."""
        self.consents = FakeConsents(self.voices)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Gives the address where they answer."""
        names = (INFERENCE.rpc_name, DATASET.rpc_name)
        async with listening(self._register, service_names=names) as server:
            yield server.address

    def _register(self, server: grpc.aio.Server) -> None:
        rpc.add_InferenceServiceServicer_to_server(self.inference, server)
        voice_rpc.add_VoiceServiceServicer_to_server(self.voices, server)
        engine_rpc.add_EngineServiceServicer_to_server(self.engines, server)
        consent_rpc.add_ConsentServiceServicer_to_server(self.consents, server)
