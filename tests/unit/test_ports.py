"""No service takes a port that there is not: the system would listen on another one in silence."""

import pytest
from pydantic import ValidationError

from bot.settings import BotSettings
from services.audio_qc.settings import AudioQcSettings
from services.chassis.settings import ServiceSettings
from services.dataset.settings import DatasetSettings
from services.inference.settings import InferenceSettings
from services.media.settings import MediaSettings
from services.pipeline.settings import PipelineSettings
from services.transcription.settings import TranscriptionSettings

SERVICES = (
    MediaSettings,
    AudioQcSettings,
    TranscriptionSettings,
    DatasetSettings,
    PipelineSettings,
    InferenceSettings,
    BotSettings,
)


@pytest.mark.parametrize("field", ["port", "metrics_port"])
@pytest.mark.parametrize("port", [-1, 65536])
@pytest.mark.parametrize("settings", SERVICES, ids=lambda it: it.service_name)
def test_a_port_that_there_is_not_is_refused(
    settings: type[ServiceSettings], port: int, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        settings.model_validate({field: port, "store_url": "file:///unused"})
    assert field in {error["loc"][0] for error in refused.value.errors()}
