"""The recognisers in memory: loaded at first use, few at a time, one call after the other."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import ctranslate2

from services.transcription.model_catalogue import ModelCatalogue, ModelFolder
from services.transcription.recognition import (
    Decoding,
    Recogniser,
    RecogniserDescription,
    Recognition,
    Samples,
)

Args = TypeVarTuple("Args")
T = TypeVar("T")

Load = Callable[[Path, RecogniserDescription], Recogniser]


class Recognisers:
    """Shares loaded models between all calls of the service.

    One thread runs every model, so that memory stays bounded; a model uses the cores itself.
    """

    def __init__(
        self,
        catalogue: ModelCatalogue,
        load: Load,
        *,
        default_model: str,
        device: str,
        compute_type: str,
        capacity: int,
    ) -> None:
        """Keeps up to `capacity` models; `load` makes one from a folder."""
        self._catalogue = catalogue
        self._load = load
        self._default_model = default_model
        self._device, self._compute_type = arithmetic(device, compute_type)
        self._capacity = capacity
        self._loaded: OrderedDict[tuple[Path, str], Recogniser] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recogniser")

    async def describe(self, model: str, *, installed_only: bool = False) -> RecogniserDescription:
        """Says which recogniser `model` (the default when empty) stands for; loads nothing.

        It may be downloaded, unless `installed_only`. Raises ConflictError when it is not there.
        """
        return self._described(await self._find(model, installed_only=installed_only))

    async def get(self, model: str, *, installed_only: bool = False) -> "SharedRecogniser":
        """Returns the recogniser `model` (the default when empty), loaded; raises as `describe`."""
        folder = await self._find(model, installed_only=installed_only)
        recogniser = await _in_thread(self._thread, self._loaded_from, folder)
        return SharedRecogniser(recogniser, self._thread)

    async def installed(self) -> list[str]:
        """Returns the names of the installed models."""
        return await asyncio.to_thread(self._catalogue.installed)

    @property
    def default(self) -> RecogniserDescription:
        """The recogniser used when none is named, as far as it is known without looking."""
        return RecogniserDescription(self._default_model, "", self._device, self._compute_type)

    def is_loaded(self, description: RecogniserDescription) -> bool:
        """Tells whether the model is in memory."""
        return any(sha256 == description.model_sha256 for _, sha256 in tuple(self._loaded))

    def close(self) -> None:
        """Lets the call in flight end and starts no other."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _find(self, model: str, *, installed_only: bool) -> ModelFolder:
        name = model or self._default_model
        return await asyncio.to_thread(self._catalogue.find, name, installed_only=installed_only)

    def _loaded_from(self, folder: ModelFolder) -> Recogniser:
        key = (folder.path, folder.sha256)
        found = self._loaded.pop(key, None)
        if found is None:
            while len(self._loaded) >= self._capacity:
                self._loaded.popitem(last=False)
            found = self._load(folder.path, self._described(folder))
        self._loaded[key] = found
        return found

    def _described(self, folder: ModelFolder) -> RecogniserDescription:
        return RecogniserDescription(folder.name, folder.sha256, self._device, self._compute_type)


class SharedRecogniser:
    """A recogniser as use cases see it: calls wait for their turn, off the event loop.

    When the caller is cancelled, the call in flight still ends, and what waits is dropped.
    """

    def __init__(self, recogniser: Recogniser, thread: ThreadPoolExecutor) -> None:
        """Runs `recogniser` on `thread`."""
        self._recogniser = recogniser
        self._thread = thread
        self.languages = recogniser.languages

    async def recognise(
        self, cuts: Sequence[Samples], language: str, decoding: Decoding
    ) -> list[Recognition]:
        """See Recogniser."""
        call = self._recogniser.recognise
        return await _in_thread(self._thread, call, cuts, language, decoding)

    async def recognise_alone(self, cut: Samples, language: str, decoding: Decoding) -> Recognition:
        """See Recogniser."""
        call = self._recogniser.recognise_alone
        return await _in_thread(self._thread, call, cut, language, decoding)

    async def languages_of(self, cuts: Sequence[Samples]) -> list[Mapping[str, float]]:
        """See Recogniser."""
        return await _in_thread(self._thread, self._recogniser.languages_of, cuts)


def arithmetic(device: str, compute_type: str) -> tuple[str, str]:
    """Returns the device and compute type that the settings stand for on this machine."""
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    return device, compute_type


async def _in_thread(
    thread: ThreadPoolExecutor, call: Callable[[Unpack[Args]], T], *args: *Args
) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, call, *args)
