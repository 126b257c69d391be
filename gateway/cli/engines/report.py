"""What models look like on a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ttstrainer.inference.v1 import engine_service_pb2 as pb

KINDS = {
    pb.ENGINE_KIND_XTTS: "XTTS",
    pb.ENGINE_KIND_VITS: "VITS",
    pb.ENGINE_KIND_TORTOISE: "Tortoise",
}
STATES = {
    pb.MODEL_STATE_AVAILABLE: "available",
    pb.MODEL_STATE_LOADING: "loading",
    pb.MODEL_STATE_LOADED: "loaded",
    pb.MODEL_STATE_DRAINING: "draining",
}
MAX_LANGUAGES = 4


def models_table(answer: pb.ListModelsResponse) -> Iterator[RenderableType]:
    """Yields models for people, and the memory they take."""
    yield from model_lines(*answer.models)
    yield Text(
        f"Memory: {_mebibytes(answer.used_memory_bytes)} of "
        f"{_mebibytes(answer.memory_budget_bytes)}"
    )


def model_lines(*models: pb.Model) -> Iterator[RenderableType]:
    """Yields models for people, and the licences of those that wait for somebody to load them."""
    yield _table(models)
    for model in models:
        if model.licence_uri and not model.slot_count:
            yield Text(f"The licence of {model.name}: {model.licence_uri}", overflow="fold")


def _table(models: Iterable[pb.Model]) -> Table:
    table = Table()
    for heading in ("Model", "Version", "Family", "State"):
        table.add_column(heading, overflow="fold", no_wrap=True)
    for heading in ("Languages", "Clones", "Where", "Memory", "Speaking"):
        table.add_column(heading, overflow="fold")
    for model in models:
        is_loaded = bool(model.slot_count)
        table.add_row(
            Text(model.name),
            Text(model.version),
            KINDS.get(model.kind, "?"),
            STATES.get(model.state, "?"),
            Text(_languages(model.language_codes)),
            "yes" if model.can_clone else "no",
            f"{model.device} {model.precision}" if is_loaded else "",
            _mebibytes(model.memory_bytes) if is_loaded else "",
            f"{model.active_stream_count} of {model.slot_count}" if is_loaded else "",
        )
    return table


def _languages(codes: Iterable[str]) -> str:
    listed = list(codes)
    more = len(listed) - MAX_LANGUAGES
    shown = ", ".join(listed[:MAX_LANGUAGES])
    return f"{shown} and {more} more" if more > 0 else shown


def _mebibytes(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
