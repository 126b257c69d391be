"""What models look like on a terminal."""

import io

from rich.console import Console

from gateway.cli.engines.report import models_table
from ttstrainer.inference.v1 import engine_service_pb2 as pb

LICENCE = "https://huggingface.co/coqui/XTTS-v2/blob/main/LICENSE.txt"


def shown(*models: pb.Model) -> str:
    output = io.StringIO()
    console = Console(file=output, width=80)
    for each in models_table(pb.ListModelsResponse(models=models)):
        console.print(each)
    return output.getvalue()


def test_names_and_licences_can_be_read_on_a_terminal_of_eighty_columns() -> None:
    joe = pb.Model(
        name="joe",
        version="1.0.0",
        kind=pb.ENGINE_KIND_VITS,
        state=pb.MODEL_STATE_LOADED,
        language_codes=["en"],
        device="cpu",
        precision="fp32",
        memory_bytes=60 << 20,
        slot_count=4,
    )
    xtts = pb.Model(
        name="xtts_v2",
        version="main",
        kind=pb.ENGINE_KIND_XTTS,
        state=pb.MODEL_STATE_AVAILABLE,
        language_codes=["ar", "cs", "de", "en", "es"],
        licence_uri=LICENCE,
    )
    told = shown(joe, xtts)
    for whole in ("xtts_v2", "1.0.0", "available", LICENCE):
        assert whole in told, told
    assert "licence" not in shown(joe)
