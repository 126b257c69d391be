"""A stack that stands for as long as tests need it, and what its services count."""

import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.stack_file import StackInfo, read_stack_file
from tests.e2e.command import environment

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that answers; commands with its data folder use it."""

    home: Path
    info: StackInfo

    def address(self, service: str) -> str:
        """Returns where a service answers gRPC, as host:port."""
        return self.info.services[service].address

    def computed(self) -> Counter[str]:
        """Returns how many steps were computed, by method, since the stack was started."""
        counts: Counter[str] = Counter()
        for service in self.info.services.values():
            for sample in _samples(service.metrics_address):
                if (
                    sample.name == "ttstrainer_steps_total"
                    and sample.labels["outcome"] == "computed"
                ):
                    counts[sample.labels["method"].rpartition(".")[2]] += int(sample.value)
        return counts


@contextmanager
def standing_stack(home: Path, settings: Mapping[str, str]) -> Iterator[RunningStack]:
    """Runs a stack in a data folder; it is gone at the end of the block."""
    home.mkdir(parents=True)
    program = [sys.executable, "-m", "tests.e2e.standing_stack", str(home)]
    surroundings = environment(home, **settings)
    with subprocess.Popen(
        program, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == str(process.pid), "the stack did not start"
            info = read_stack_file(DataFolder(home).stack_file)
            assert info is not None
            yield RunningStack(home, info)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _samples(address: str) -> Iterator[Sample]:
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        text = answer.read().decode()
    for family in text_string_to_metric_families(text):
        yield from family.samples
