"""What a client asks of the inference service: speech, and the models that make it."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable

from gateway.client.retrying import Patience, patiently, translated
from gateway.client.sending import sending
from services.chassis.errors import ServiceError, UnavailableError
from ttstrainer.inference.v1 import engine_service_pb2 as engine
from ttstrainer.inference.v1 import engine_service_pb2_grpc as engine_rpc
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1 import inference_service_pb2_grpc as rpc


class InferenceClient:
    """Has texts spoken."""

    def __init__(
        self, stub: rpc.InferenceServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def speak(self, request: pb.StreamSpeechRequest) -> AsyncGenerator[pb.SpeechPart, None]:
        """Yields speech as it is made; to close the iterator ends the work at once.

        A service that is busy or restarts is waited for until the speech has begun; once somebody
        has heard a part of it, a break is raised: a second beginning would be no continuation.

        Raises:
            ServiceError: what the service answered.
        """
        waiting = self._patience()
        while True:
            call = self._stub.StreamSpeech(request)
            has_begun = False
            try:
                with translated():
                    async for response in call:
                        has_begun = True
                        yield response.part
                        if response.part.HasField("summary"):
                            return
                raise _unfinished("StreamSpeech")
            except ServiceError as error:
                if has_begun:
                    raise _broken_off(error) from error
                await waiting.pause(error)
            finally:
                call.cancel()

    async def speak_text(
        self, options: pb.SpeechOptions, pieces: AsyncIterable[str]
    ) -> AsyncGenerator[pb.SpeechPart, None]:
        """Yields speech while its text is still being written; never repeated.

        Raises:
            ServiceError: what the service answered.
        """
        with translated(), sending(_messages(options, pieces)) as sent:
            call = self._stub.StreamSpeechFromText(sent)
            try:
                async for response in call:
                    yield response.part
                    if response.part.HasField("summary"):
                        return
            finally:
                call.cancel()
        raise _unfinished("StreamSpeechFromText")

    async def synthesize(self, request: pb.SynthesizeSpeechRequest) -> pb.SynthesizeSpeechResponse:
        """Returns a whole file of speech."""
        return await patiently(lambda: self._stub.SynthesizeSpeech(request), self._patience)


class EngineClient:
    """Shows, loads and unloads models."""

    def __init__(
        self, stub: engine_rpc.EngineServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def models(self) -> engine.ListModelsResponse:
        """Returns the models, and the memory they take."""
        request = engine.ListModelsRequest()
        return await patiently(lambda: self._stub.ListModels(request), self._patience)

    async def load(self, request: engine.LoadModelRequest) -> engine.Model:
        """Brings a model into memory."""
        return (await patiently(lambda: self._stub.LoadModel(request), self._patience)).model

    async def unload(self, name: str, version: str = "") -> int:
        """Takes a model out of memory and returns how many bytes became free; never repeated."""
        request = engine.UnloadModelRequest(name=name, version=version)
        with translated():
            return (await self._stub.UnloadModel(request)).freed_bytes


async def _messages(
    options: pb.SpeechOptions, pieces: AsyncIterable[str]
) -> AsyncGenerator[pb.StreamSpeechFromTextRequest, None]:
    """Yields the options, then the text as it comes."""
    yield pb.StreamSpeechFromTextRequest(options=options)
    async for piece in pieces:
        yield pb.StreamSpeechFromTextRequest(text=piece)


def _unfinished(method: str) -> UnavailableError:
    return UnavailableError(f"{method} ended without a result: try again.", reason="NO_RESULT")


def _broken_off(error: ServiceError) -> ServiceError:
    """Says to a listener more than gRPC does, for which the service cannot be reached."""
    if error.reason != UnavailableError.default_reason:
        return error
    message = "The speech broke off: the service was lost, or restarts. Try again."
    return UnavailableError(message, reason="SPEECH_BROKE_OFF")
