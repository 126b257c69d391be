"""EngineService behind a real channel: what is there, what is loaded, and what it takes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.chassis.channel import error_of
from services.chassis.errors import NotFoundError, OverloadedError
from tests.eventually import eventually
from tests.fakes.fake_engine import RATE
from tests.fakes.fake_models import described
from tests.inference_service import Inference, inference_service, pcm_of
from ttstrainer.inference.v1 import engine_service_pb2 as pb


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    async with inference_service(tmp_path) as service:
        yield service


async def models(inference: Inference) -> dict[str, pb.Model]:
    response = await inference.engines.ListModels(pb.ListModelsRequest())
    return {f"{model.name}:{model.version}": model for model in response.models}


async def test_models_are_listed_before_and_after_they_are_loaded(inference: Inference) -> None:
    response = await inference.engines.ListModels(pb.ListModelsRequest())
    assert [model.name for model in response.models] == ["joe", "xtts"]
    assert {model.state for model in response.models} == {pb.MODEL_STATE_AVAILABLE}
    assert (response.used_memory_bytes, response.memory_budget_bytes) == (0, 1000)
    loaded = (await inference.engines.LoadModel(pb.LoadModelRequest(name="joe"))).model
    assert loaded == pb.Model(
        name="joe",
        version="1",
        kind=pb.ENGINE_KIND_VITS,
        state=pb.MODEL_STATE_LOADED,
        language_codes=["en"],
        sample_rate_hertz=RATE,
        device="cpu",
        precision="fp32",
        memory_bytes=100,
        slot_count=2,
    )
    response = await inference.engines.ListModels(pb.ListModelsRequest())
    assert response.models[0] == loaded
    assert response.used_memory_bytes == 100


async def test_a_model_tells_who_speaks_with_it_and_when_it_last_spoke(
    inference: Inference,
) -> None:
    await inference.speak("Hello.")
    assert (await models(inference))["joe:1"].HasField("last_used_time")
    inference.engine.going.clear()
    running = asyncio.create_task(inference.speak("Hello."))
    await eventually(lambda: inference.engine.open_streams)
    assert (await models(inference))["joe:1"].active_stream_count == 1
    inference.engine.going.set()
    await running
    assert (await models(inference))["joe:1"].active_stream_count == 0


async def test_a_model_on_its_way_is_loading_and_one_on_its_way_out_is_draining(
    inference: Inference,
) -> None:
    inference.models.going.clear()
    loading = asyncio.create_task(_load(inference))
    await eventually(lambda: inference.pool.loading)
    assert (await models(inference))["joe:1"].state == pb.MODEL_STATE_LOADING
    inference.models.going.set()
    await loading

    inference.engine.going.clear()
    running = asyncio.create_task(inference.speak("Hello.", seed=1))
    await eventually(lambda: inference.engine.open_streams)
    unloading = asyncio.create_task(_unload(inference, "joe"))

    async def is_draining() -> bool:
        return (await models(inference))["joe:1"].state == pb.MODEL_STATE_DRAINING

    await eventually(is_draining)
    inference.engine.going.set()
    assert pcm_of(await running)
    assert await unloading == 100
    assert (await models(inference))["joe:1"].state == pb.MODEL_STATE_AVAILABLE


async def test_two_versions_are_listed_while_the_older_one_ends(inference: Inference) -> None:
    await inference.speak("Hello.")
    inference.engine.going.clear()
    running = asyncio.create_task(inference.speak("Hello."))
    await eventually(lambda: inference.engine.open_streams)
    inference.models.descriptions.append(described("joe", "2"))
    await inference.engines.LoadModel(pb.LoadModelRequest(name="joe"))
    found = await models(inference)
    assert found["joe:1"].state == pb.MODEL_STATE_DRAINING
    assert found["joe:2"].state == pb.MODEL_STATE_LOADED
    inference.engine.going.set()
    assert pcm_of(await running)


async def test_a_licence_is_accepted_only_when_the_caller_says_so(inference: Inference) -> None:
    await inference.engines.LoadModel(pb.LoadModelRequest(name="joe"))
    assert inference.models.accepted == []
    await inference.engines.LoadModel(pb.LoadModelRequest(name="joe", accept_licence=True))
    assert inference.models.accepted == ["joe"]


async def test_what_is_not_there_is_not_found(inference: Inference) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await inference.engines.LoadModel(pb.LoadModelRequest(name="nothing"))
    assert isinstance(error_of(unknown.value), NotFoundError)
    with pytest.raises(grpc.aio.AioRpcError) as unloaded:
        await inference.engines.UnloadModel(pb.UnloadModelRequest(name="joe"))
    assert error_of(unloaded.value).reason == "MODEL_NOT_LOADED"


async def test_a_model_too_large_for_the_room_left_is_refused(inference: Inference) -> None:
    inference.pool.budget_bytes = 150
    await inference.speak("Hello.")
    inference.engine.going.clear()
    running = asyncio.create_task(inference.speak("Hello."))
    await eventually(lambda: inference.engine.open_streams)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await inference.engines.LoadModel(pb.LoadModelRequest(name="xtts"))
    error = error_of(refused.value)
    assert isinstance(error, OverloadedError)
    assert error.retry_after_seconds == 30
    inference.engine.going.set()
    assert pcm_of(await running)


async def _load(inference: Inference) -> pb.LoadModelResponse:
    return await inference.engines.LoadModel(pb.LoadModelRequest(name="joe"))


async def _unload(inference: Inference, name: str) -> int:
    response = await inference.engines.UnloadModel(pb.UnloadModelRequest(name=name))
    return response.freed_bytes
