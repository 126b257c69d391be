"""EngineService as a client sees it: a model that is loaded or not."""

from dataclasses import dataclass
from typing import Any

import grpc

from services.chassis.errors import ConflictError
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import engine_service_pb2_grpc as engine_rpc

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass
class FakeEngines(engine_rpc.EngineServiceServicer):
    """One model, whose licence must be accepted."""

    loaded: bool = False

    async def ListModels(
        self, request: engine_pb.ListModelsRequest, context: Context
    ) -> engine_pb.ListModelsResponse:
        """See the contract."""
        return engine_pb.ListModelsResponse(models=[self._model()], memory_budget_bytes=1 << 30)

    async def LoadModel(
        self, request: engine_pb.LoadModelRequest, context: Context
    ) -> engine_pb.LoadModelResponse:
        """See the contract."""
        if not request.accept_licence:
            message = "The licence https://example.org was not accepted: accept it."
            raise ConflictError(message, reason="LICENCE_NOT_ACCEPTED")
        self.loaded = True
        return engine_pb.LoadModelResponse(model=self._model())

    async def UnloadModel(
        self, request: engine_pb.UnloadModelRequest, context: Context
    ) -> engine_pb.UnloadModelResponse:
        """See the contract."""
        self.loaded = False
        return engine_pb.UnloadModelResponse(freed_bytes=5 << 20)

    def _model(self) -> engine_pb.Model:
        loaded, available = engine_pb.MODEL_STATE_LOADED, engine_pb.MODEL_STATE_AVAILABLE
        return engine_pb.Model(
            name="xtts_v2",
            kind=engine_pb.ENGINE_KIND_XTTS,
            state=loaded if self.loaded else available,
            language_codes=["en", "es", "fr", "de", "it"],
            slot_count=4 if self.loaded else 0,
            licence_uri="https://example.org",
        )
