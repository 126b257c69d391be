"""EngineService over gRPC: translation only."""

from typing import Any

import grpc

from services.inference.pool.engine_pool import EnginePool
from services.inference.pool.loaded_model import Models
from services.inference.wire import available_model, loaded_model
from ttstrainer.inference.v1 import engine_service_pb2 as pb
from ttstrainer.inference.v1.engine_service_pb2_grpc import EngineServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]


class EngineServicer(EngineServiceServicer):
    """Shows what there is, and what of it is in memory."""

    def __init__(self, models: Models, pool: EnginePool) -> None:
        """Takes what it needs, made by the composition root."""
        self._models = models
        self._pool = pool

    async def ListModels(
        self, request: pb.ListModelsRequest, context: Context
    ) -> pb.ListModelsResponse:
        """See the contract."""
        available = await self._models.list()
        loaded = self._pool.loaded
        keys = {model.key for model in loaded}
        messages = [loaded_model(model) for model in loaded] + [
            available_model(each, is_loading=(each.name, each.version) in self._pool.loading)
            for each in available
            if (each.name, each.version) not in keys
        ]
        return pb.ListModelsResponse(
            models=sorted(messages, key=lambda model: (model.name, model.version)),
            used_memory_bytes=self._pool.used_bytes,
            memory_budget_bytes=self._pool.budget_bytes,
        )

    async def LoadModel(
        self, request: pb.LoadModelRequest, context: Context
    ) -> pb.LoadModelResponse:
        """See the contract."""
        if request.accept_licence:
            await self._models.accept_licence(request.name)
        model = await self._pool.load(request.name, request.version)
        return pb.LoadModelResponse(model=loaded_model(model))

    async def UnloadModel(
        self, request: pb.UnloadModelRequest, context: Context
    ) -> pb.UnloadModelResponse:
        """See the contract."""
        freed_bytes = await self._pool.unload(request.name, request.version)
        return pb.UnloadModelResponse(freed_bytes=freed_bytes)
