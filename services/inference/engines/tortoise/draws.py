"""Random numbers of an utterance's own, for code that draws from those of the whole process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_DRAWING = frozenset(
    {torch.randn, torch.randn_like, torch.rand, torch.rand_like, torch.multinomial}
)


class OwnDraws(TorchFunctionMode):
    """Inside it, what this thread draws are the numbers that `torch.manual_seed(seed)` would give.

    Other threads neither disturb them nor are disturbed. At each draw the code can be stopped,
    which it offers no other way to.
    """

    def __init__(self, seed: int, before_draw: Callable[[], None]) -> None:
        """Calls `before_draw` before each draw; what that raises ends the code."""
        super().__init__()
        self._seed = seed
        self._before_draw = before_draw
        self._generators: dict[torch.device, torch.Generator] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever a function of torch returns
        kwargs = dict(kwargs or {})
        if func in _DRAWING and kwargs.get("generator") is None:
            self._before_draw()
            kwargs["generator"] = self._generator(_device(args, kwargs))
        return func(*args, **kwargs)

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


def _device(args: Sequence[Any], kwargs: Mapping[str, Any]) -> torch.device:
    """Returns where a draw happens: where it is told to, or where what it is alike lies."""
    if kwargs.get("device") is not None:
        return torch.device(kwargs["device"])
    if args and isinstance(args[0], torch.Tensor):
        return args[0].device
    return torch.device("cpu")
