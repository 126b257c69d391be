"""What a client asks of the pipeline service."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count

from gateway.client.retrying import Patience, patiently, streamed_patiently, translated
from services.chassis.errors import UnavailableError
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1 import pipeline_service_pb2_grpc as rpc

ENDED = frozenset({pb.STATE_SUCCEEDED, pb.STATE_FAILED, pb.STATE_CANCELLED})
MAX_EMPTY_WATCHES = 100


class PipelineClient:
    """Starts, shows and ends runs."""

    def __init__(
        self, stub: rpc.PipelineServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def start(self, request: pb.StartRunRequest) -> pb.Run:
        """Starts a run; a repeated call with the same request_id starts nothing new."""
        return (await patiently(lambda: self._stub.StartRun(request), self._patience)).run

    async def get(self, run_id: str) -> pb.Run:
        """Returns a run with its recordings."""
        request = pb.GetRunRequest(run_id=run_id)
        return (await patiently(lambda: self._stub.GetRun(request), self._patience)).run

    async def runs(self, *, voice: str = "", limit: int = 50) -> list[pb.Run]:
        """Returns the newest runs, without their recordings."""
        found: list[pb.Run] = []
        token = ""
        while len(found) < limit:
            request = pb.ListRunsRequest(
                page_size=min(1000, limit - len(found)), page_token=token, voice=voice
            )
            page = await patiently(partial(self._stub.ListRuns, request), self._patience)
            found.extend(page.runs)
            if not (token := page.next_page_token):
                break
        return found

    async def watch(self, run_id: str) -> AsyncIterator[pb.WatchRunResponse]:
        """Yields the run, then its changes, until it has ended; survives the service's death."""
        request = pb.WatchRunRequest(run_id=run_id)
        for attempt in count():
            state = pb.STATE_UNSPECIFIED
            updates = streamed_patiently(lambda: self._stub.WatchRun(request), self._patience)
            async for update in updates:
                if update.HasField("run"):
                    state = update.run.state
                yield update
            if state in ENDED:
                return
            if attempt >= MAX_EMPTY_WATCHES:
                message = "The run cannot be watched: its stream keeps ending. Look at it later."
                raise UnavailableError(message, reason="WATCH_ENDED")

    async def cancel(self, run_id: str) -> pb.Run:
        """Ends a run."""
        with translated():
            return (await self._stub.CancelRun(pb.CancelRunRequest(run_id=run_id))).run

    async def retry(self, run_id: str) -> pb.Run:
        """Goes on with a run where it stopped."""
        with translated():
            return (await self._stub.RetryRun(pb.RetryRunRequest(run_id=run_id))).run
