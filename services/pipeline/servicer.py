"""PipelineService over gRPC: translation only."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from services.pipeline.live import Live
from services.pipeline.new_run import Source
from services.pipeline.runs import Runs
from services.pipeline.watching import Watching
from services.pipeline.wire import options_of, run_message, state_of
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1 import pipeline_service_pb2_grpc as pb_grpc

__all__ = ["PipelineServicer"]

Context = grpc.aio.ServicerContext[Any, Any]


class PipelineServicer(pb_grpc.PipelineServiceServicer):
    """Answers calls with the use cases."""

    def __init__(self, runs: Runs, watching: Watching, live: Live) -> None:
        """Progress in answers comes from `live`."""
        self._runs = runs
        self._watching = watching
        self._live = live

    async def StartRun(self, request: pb.StartRunRequest, context: Context) -> pb.StartRunResponse:
        """Starts a run."""
        sources = [
            Source(each.recording_id, each.display_name, each.subtitles_uri)
            for each in request.sources
        ]
        options = options_of(request.options)
        snapshot = await self._runs.start(request.voice, sources, options, request.request_id)
        return pb.StartRunResponse(run=run_message(snapshot, self._live, with_recordings=True))

    async def GetRun(self, request: pb.GetRunRequest, context: Context) -> pb.GetRunResponse:
        """Returns a run."""
        snapshot = await self._runs.get(request.run_id)
        return pb.GetRunResponse(run=run_message(snapshot, self._live, with_recordings=True))

    async def ListRuns(self, request: pb.ListRunsRequest, context: Context) -> pb.ListRunsResponse:
        """Returns a page of runs."""
        page = await self._runs.page(
            request.page_size,
            request.page_token,
            voice=request.voice,
            state=state_of(request.state),
        )
        runs = [run_message(each, self._live, with_recordings=False) for each in page.runs]
        return pb.ListRunsResponse(runs=runs, next_page_token=page.next_page_token)

    async def WatchRun(
        self, request: pb.WatchRunRequest, context: Context
    ) -> AsyncIterator[pb.WatchRunResponse]:
        """Streams a run."""
        async with aclosing(self._watching.watch(request.run_id)) as updates:
            async for update in updates:
                yield update

    async def CancelRun(
        self, request: pb.CancelRunRequest, context: Context
    ) -> pb.CancelRunResponse:
        """Ends a run."""
        snapshot = await self._runs.cancel(request.run_id)
        return pb.CancelRunResponse(run=run_message(snapshot, self._live, with_recordings=True))

    async def RetryRun(self, request: pb.RetryRunRequest, context: Context) -> pb.RetryRunResponse:
        """Goes on with a run."""
        snapshot = await self._runs.retry(request.run_id)
        return pb.RetryRunResponse(run=run_message(snapshot, self._live, with_recordings=True))
