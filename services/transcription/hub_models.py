"""Whisper models from the Hugging Face hub: those in its local cache, and downloads if allowed."""

from pathlib import Path

import huggingface_hub
from faster_whisper import available_models, download_model
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

HUB_NAMES = tuple(available_models())


class DownloadError(Exception):
    """The hub did not give the model."""


def cached_folder(name: str) -> Path | None:
    """Returns where the hub's cache holds the model, or None when it does not."""
    try:
        return Path(download_model(name, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None


def downloaded_folder(name: str) -> Path:
    """Fetches the model into the hub's cache and returns where it lies; raises DownloadError."""
    try:
        return Path(download_model(name))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise DownloadError from error


def downloads_are_switched_off() -> bool:
    """Tells whether HF_HUB_OFFLINE is set."""
    return huggingface_hub.is_offline_mode()
