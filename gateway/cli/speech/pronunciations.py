"""How a person says on the command line how words are spoken."""

from collections.abc import Sequence

from gateway.cli.errors import UsageError
from ttstrainer.inference.v1.inference_service_pb2 import Pronunciation


def pronunciations(said: Sequence[str]) -> list[Pronunciation]:
    """Returns what texts such as "nginx=engine ex" mean.

    Raises:
        UsageError: one of them has no word before or after its "=".
    """
    return [_pronunciation(each) for each in said]


def _pronunciation(said: str) -> Pronunciation:
    written, equals, spoken = said.partition("=")
    if not (equals and written.strip() and spoken.strip()):
        raise UsageError(f'--say {said!r} makes no sense: write it as "nginx=engine ex".')
    return Pronunciation(written=written.strip(), spoken=spoken.strip())
