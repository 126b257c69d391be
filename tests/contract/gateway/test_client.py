"""The Python client against services that break, restart and refuse."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.client.client import Client
from services.chassis.errors import InvalidInputError, UnavailableError
from tests.impatience import impatience
from ttstrainer.media.v1 import media_service_pb2 as media_pb
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pipeline_pb

CONTENT = bytes(range(256)) * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class FlakyMedia:
    """Takes and gives a file, and breaks off after `break_after` chunks as often as told.

    Each break loses the last `lost` chunks, as a service does that dies before it wrote them.
    """

    def __init__(self, *, breaks: int = 0, break_after: int = 2, lost: int = 0) -> None:
        self.breaks = breaks
        self.break_after = break_after
        self.lost_bytes = lost << 20
        self.received = b""
        self.offsets: list[int] = []
        self.import_count = 0

    def handlers(self) -> grpc.GenericRpcHandler:
        """Returns the methods that a client asks here."""
        return grpc.method_handlers_generic_handler(
            "ttstrainer.media.v1.MediaService",
            {
                "GetImport": grpc.unary_unary_rpc_method_handler(
                    self.GetImport,
                    media_pb.GetImportRequest.FromString,
                    media_pb.GetImportResponse.SerializeToString,
                ),
                "ImportRecording": grpc.stream_unary_rpc_method_handler(
                    self.ImportRecording,
                    media_pb.ImportRecordingRequest.FromString,
                    media_pb.ImportRecordingResponse.SerializeToString,
                ),
                "ReadArtifact": grpc.unary_stream_rpc_method_handler(
                    self.ReadArtifact,
                    media_pb.ReadArtifactRequest.FromString,
                    media_pb.ReadArtifactResponse.SerializeToString,
                ),
            },
        )

    async def _break(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self.breaks -= 1
        self.received = self.received[: len(self.received) - self.lost_bytes]
        await context.abort(grpc.StatusCode.UNAVAILABLE, "going down")

    async def GetImport(
        self, request: media_pb.GetImportRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> media_pb.GetImportResponse:
        return media_pb.GetImportResponse(
            received_bytes=len(self.received), complete=self.received == CONTENT
        )

    async def ImportRecording(
        self,
        request_iterator: AsyncIterator[media_pb.ImportRecordingRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> media_pb.ImportRecordingResponse:
        self.import_count += 1
        chunks = 0
        async for request in request_iterator:
            if request.HasField("header"):
                self.offsets.append(request.header.offset_bytes)
                assert request.header.offset_bytes == len(self.received)
                continue
            self.received += request.chunk
            chunks += 1
            if self.breaks and chunks == self.break_after:
                await self._break(context)
        assert hashlib.sha256(self.received).hexdigest() == SHA256
        return media_pb.ImportRecordingResponse(
            recording=media_pb.Recording(recording_id=SHA256, size_bytes=len(self.received))
        )

    async def ReadArtifact(
        self, request: media_pb.ReadArtifactRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[media_pb.ReadArtifactResponse]:
        self.offsets.append(request.offset_bytes)
        for number, start in enumerate(range(request.offset_bytes, len(CONTENT), 1 << 20)):
            if self.breaks and number == self.break_after:
                await self._break(context)
            yield media_pb.ReadArtifactResponse(chunk=CONTENT[start : start + (1 << 20)])


class FlakyPipeline:
    """Ends the watching now and then, as a service that is restarted does."""

    def __init__(self, updates: list[pipeline_pb.Run], *, break_before: set[int]) -> None:
        self.updates = updates
        self.break_before = break_before
        self.position = 0

    def handlers(self) -> grpc.GenericRpcHandler:
        """Returns the method that a client asks here."""
        watch = grpc.unary_stream_rpc_method_handler(
            self.WatchRun,
            pipeline_pb.WatchRunRequest.FromString,
            pipeline_pb.WatchRunResponse.SerializeToString,
        )
        service = "ttstrainer.pipeline.v1.PipelineService"
        return grpc.method_handlers_generic_handler(service, {"WatchRun": watch})

    async def WatchRun(
        self, request: pipeline_pb.WatchRunRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[pipeline_pb.WatchRunResponse]:
        while self.position < len(self.updates):
            if self.position in self.break_before:
                self.break_before.discard(self.position)
                if self.position % 2:
                    return  # a drain ends streams without an error
                await context.abort(grpc.StatusCode.UNAVAILABLE, "going down")
            yield pipeline_pb.WatchRunResponse(run=self.updates[self.position])
            self.position += 1


@asynccontextmanager
async def serving(servicer: FlakyMedia | FlakyPipeline) -> AsyncIterator[Client]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((servicer.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    addresses = dict.fromkeys(("media", "pipeline"), f"127.0.0.1:{port}")
    try:
        async with Client(addresses, patience=impatience) as client:
            yield client
    finally:
        await server.stop(None)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


async def test_an_import_that_breaks_goes_on_where_it_stopped(film: Path) -> None:
    media = FlakyMedia(breaks=2)
    told: list[float] = []
    async with serving(media) as client:
        recording = await client.media.import_recording(film, told.append)
    assert recording.recording_id == SHA256
    assert media.received == CONTENT
    assert media.offsets == [0, 2 << 20, 4 << 20]
    assert told == sorted(told)
    assert told[-1] == 1


async def test_progress_never_goes_back_where_sent_bytes_were_lost(film: Path) -> None:
    media = FlakyMedia(breaks=1, break_after=3, lost=3)
    told: list[float] = []
    async with serving(media) as client:
        await client.media.import_recording(film, told.append)
    assert media.offsets == [0, 0]
    assert told == sorted(told)
    assert told[-1] == 1


async def test_a_file_that_is_there_already_is_not_sent_again(film: Path) -> None:
    media = FlakyMedia()
    async with serving(media) as client:
        await client.media.import_recording(film, lambda _: None)
        await client.media.import_recording(film, lambda _: None)
    assert media.import_count == 2
    assert media.received == CONTENT


async def test_an_empty_or_unreadable_file_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    media = FlakyMedia()
    (tmp_path / "empty.mp4").touch()
    async with serving(media) as client:
        with pytest.raises(InvalidInputError, match="is empty"):
            await client.media.import_recording(tmp_path / "empty.mp4", lambda _: None)
        with pytest.raises(InvalidInputError, match="cannot be read"):
            await client.media.import_recording(tmp_path / "gone.mp4", lambda _: None)
    assert media.import_count == 0


async def test_what_goes_wrong_while_a_file_is_sent_is_raised_as_it_is(film: Path) -> None:
    def told(ratio: float) -> None:
        raise BrokenPipeError(ratio)

    async with serving(FlakyMedia()) as client:
        with pytest.raises(BrokenPipeError):
            await client.media.import_recording(film, told)


async def test_a_file_that_vanishes_before_it_was_sent_is_refused_like_one_that_was_never_there(
    film: Path,
) -> None:
    class Slow(FlakyMedia):
        async def GetImport(
            self, request: media_pb.GetImportRequest, context: grpc.aio.ServicerContext[Any, Any]
        ) -> media_pb.GetImportResponse:
            film.unlink()
            return await super().GetImport(request, context)

    async with serving(Slow()) as client:
        with pytest.raises(InvalidInputError, match=r"film\.mp4 cannot be read: No such file"):
            await client.media.import_recording(film, lambda _: None)


async def test_a_download_that_breaks_goes_on_where_it_stopped(tmp_path: Path) -> None:
    media = FlakyMedia(breaks=2)
    async with serving(media) as client:
        await client.media.download("artifact://blobs/" + SHA256, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == CONTENT
    assert media.offsets == [0, 2 << 20, 4 << 20]
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


async def test_a_service_that_stays_silent_is_given_up(film: Path) -> None:
    async with (
        Client({"media": "127.0.0.1:9"}, patience=impatience) as client,
    ):
        with pytest.raises(UnavailableError):
            await client.media.import_recording(film, lambda _: None)


async def test_watching_a_run_survives_restarts_of_the_service() -> None:
    running = pipeline_pb.Run(run_id="r", state=pipeline_pb.STATE_RUNNING)
    done = pipeline_pb.Run(run_id="r", state=pipeline_pb.STATE_SUCCEEDED)
    pipeline = FlakyPipeline([running, running, running, done], break_before={1, 2})
    async with serving(pipeline) as client:
        seen = [update.run.state async for update in client.pipeline.watch("r")]
    assert seen[-1] == pipeline_pb.STATE_SUCCEEDED
    assert len(seen) == 4
