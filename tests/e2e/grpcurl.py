"""grpcurl, as a person uses it: JSON in, JSON out, and nothing known but the address."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PROGRAM = str(Path(sys.executable).with_name("grpcurl"))
SERVICES = {
    "media": "ttstrainer.media.v1.MediaService",
    "audio-qc": "ttstrainer.audio_qc.v1.AudioQcService",
    "transcription": "ttstrainer.transcription.v1.TranscriptionService",
    "dataset": "ttstrainer.dataset.v1.DatasetService",
    "pipeline": "ttstrainer.pipeline.v1.PipelineService",
    "inference": "ttstrainer.inference.v1.InferenceService",
}
SPEECH = {
    "inference": SERVICES["inference"],
    "voices": "ttstrainer.inference.v1.VoiceService",
    "engines": "ttstrainer.inference.v1.EngineService",
    "consents": "ttstrainer.dataset.v1.ConsentService",
}
BESIDE = {"voices": "inference", "engines": "inference", "consents": "dataset"}
"""Which service serves them beside its own."""
HEALTH = "grpc.health.v1.Health/Check"
DEADLINE_SECONDS = "60"

Json = dict[str, Any]


class Addresses(Protocol):
    """A stack, whatever runs it."""

    def address(self, service: str) -> str:
        """Returns where a service answers gRPC, as host:port."""


@dataclass(slots=True)
class Grpcurl:
    """Calls the services of a stack, and remembers what was called."""

    stack: Addresses
    called: set[str] = field(default_factory=set)

    def address(self, service: str) -> str:
        """Returns where a gRPC service is served."""
        return self.stack.address(BESIDE.get(service, service))

    def ask(self, service: str, *question: str) -> str:
        """Returns what reflection answers: `list`, `describe`, or either of a name."""
        return self._run("-plaintext", self.address(service), *question).stdout

    def health(self, service: str) -> str:
        """Returns what the service says of itself."""
        return self._run("-plaintext", self.address(service), HEALTH).stdout

    def methods(self, service: str) -> set[str]:
        """Returns the full names of a service's methods."""
        name = rpc_name(service)
        return set(re.findall(rf"{name}\.\w+", self.ask(service, "list", name)))

    def stream(self, service: str, method: str, *requests: Json) -> list[Json]:
        """Calls a method and returns all its answers, the fields named as in the contract."""
        name = f"{rpc_name(service)}.{method}"
        self.called.add(name)
        options = ("-plaintext", "-max-time", DEADLINE_SECONDS, "-d", "@")
        sent = "\n".join(map(json.dumps, requests))
        ended = self._run(*options, self.address(service), name, sent=sent)
        return _objects(ended.stdout)

    def call(self, service: str, method: str, *requests: Json) -> Json:
        """Calls a method and returns its only answer."""
        (answer,) = self.stream(service, method, *requests)
        return answer

    def refusal(self, service: str, method: str, request: Json) -> str:
        """Calls a method that must fail and returns what grpcurl says."""
        name = f"{rpc_name(service)}.{method}"
        command = [PROGRAM, "-plaintext", "-d", json.dumps(request)]
        ended = subprocess.run(
            [*command, self.address(service), name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode != 0, ended
        return ended.stderr

    def _run(self, *arguments: str, sent: str = "") -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [PROGRAM, *arguments], input=sent, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended
        return ended


def rpc_name(service: str) -> str:
    """Returns the full name of a gRPC service."""
    return SERVICES.get(service) or SPEECH[service]


def _objects(text: str) -> list[Json]:
    """Reads JSON objects that stand one after the other."""
    decoder, found = json.JSONDecoder(object_hook=_as_in_the_contract), []
    while text := text.lstrip():
        content, end = decoder.raw_decode(text)
        found.append(content)
        text = text[end:]
    return found


def _as_in_the_contract(content: Json) -> Json:
    """Renames fields: grpcurl writes some as fieldName and others as field_name."""
    return {
        re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower(): value
        for name, value in content.items()
    }
