"""Some steps of the decoder as one CUDA graph, or simply called where there are none."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

_WARM_UPS = 3
"""So many runs before a capture let libraries choose their kernels and reserve workspaces."""


class StepGraph:
    """Captured once, replayed at every step: launching its kernels one by one takes longer."""

    def __init__(
        self,
        compute: Callable[[], tuple[Tensor, Tensor]],
        active: Tensor,
        *,
        steps: int,
        pool_of: "StepGraph | None" = None,
    ) -> None:
        """Captures `steps` calls of `compute`, which returns tokens and latents.

        It must work on tensors that stay where they are and never wait for the device. While it
        warms up nobody is `active`, so nobody advances; what it writes for nobody is overwritten
        before it is read. Graphs of one decoder never run at once and share their memory.
        """
        self._compute = compute
        self._steps = steps
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream: Any = None
        if active.device.type != "cuda":
            return
        kept = active.clone()
        active.zero_()
        try:
            # What is captured is what runs on the stream's device, whichever one is the default.
            with torch.cuda.device(active.device):
                self._graph = self._captured(pool_of)
        finally:
            active.copy_(kept)

    def _captured(self, pool_of: "StepGraph | None") -> torch.cuda.CUDAGraph:
        # One stream for all: who shares memory must, and libraries keep a workspace for each.
        self._stream = pool_of.stream if pool_of else torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            for _ in range(_WARM_UPS):
                self._compute()
        torch.cuda.current_stream().wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(
            graph,
            pool=pool_of.pool if pool_of else None,
            stream=self._stream,
            # The vocoder's thread may reserve memory meanwhile.
            capture_error_mode="thread_local",
        ):
            self._tokens, self._latents = self._run()
        return graph

    @property
    def pool(self) -> Any:  # noqa: ANN401 - opaque to all but torch
        """The memory it works in."""
        return self._graph.pool() if self._graph else None

    @property
    def stream(self) -> Any:  # noqa: ANN401 - torch's streams have no types
        """What it was captured on; None where there are no graphs."""
        return self._stream

    def replay(self) -> tuple[list[list[int]], Tensor]:
        """Returns the tokens of each step, and latents of shape (steps, slots, width).

        Waits for the device once, for the tokens.
        """
        if self._graph is None:
            tokens, latents = self._run()
            return tokens.tolist(), latents
        # The next replay writes to the same place, and the vocoder may not have read it by then.
        # Reserved before: who finds no memory after the replay has lost its tokens.
        latents = torch.empty_like(self._latents)
        self._graph.replay()
        latents.copy_(self._latents)
        return self._tokens.tolist(), latents

    def _run(self) -> tuple[Tensor, Tensor]:
        tokens, latents = zip(*(self._compute() for _ in range(self._steps)), strict=True)
        return torch.stack(tokens), torch.stack(latents)
