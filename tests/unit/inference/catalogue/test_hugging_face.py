"""The tests reach no hub, and say so as a service without one would."""

import pytest

from services.inference.catalogue.hub_models import DownloadError
from services.inference.catalogue.hugging_face import HuggingFace, downloads_are_switched_off

REPOSITORY = "tts-trainer-tests/never-fetched"


def test_a_file_that_was_never_fetched_is_not_cached() -> None:
    assert HuggingFace().cached(REPOSITORY, "main", "config.json") is None


def test_a_hub_out_of_reach_is_a_download_error() -> None:
    assert downloads_are_switched_off()
    with pytest.raises(DownloadError):
        HuggingFace().fetched(REPOSITORY, "main", "config.json")
