"""The Hugging Face hub itself."""

from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from services.inference.catalogue.hub_models import DownloadError


class HuggingFace:
    """Keeps what it fetches in the hub's own cache."""

    def cached(self, repository: str, revision: str, path: str) -> Path | None:
        """See Hub."""
        found = huggingface_hub.try_to_load_from_cache(repository, path, revision=revision)
        return Path(found) if isinstance(found, str) else None

    def fetched(self, repository: str, revision: str, path: str) -> Path:
        """See Hub."""
        try:
            return Path(huggingface_hub.hf_hub_download(repository, path, revision=revision))
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
            raise DownloadError from error


def downloads_are_switched_off() -> bool:
    """Tells whether HF_HUB_OFFLINE is set."""
    return bool(huggingface_hub.is_offline_mode())
