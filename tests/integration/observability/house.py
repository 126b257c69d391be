"""All services and the bot as processes, over NATS and S3 as the compose stack runs them."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from gateway.services import ALL, BOT, Service
from tests.deployed_s3 import ROOT, DeployedS3, s3_user_of
from tests.e2e.command import environment, pipeline_arguments, tts_trainer
from tests.e2e.talks import record, sentences
from tests.integration.observability.prometheus import Json, Targets
from tests.servers import NatsServer, accepts, answers, free_port, wait_until_ready

LOOPBACK = "127.0.0.1"
HOUSEHOLD = (*ALL, BOT)
STOP_SECONDS = 30


class House:
    """Where they live; everything is gone once the `with` block is over."""

    def __init__(self, folder: Path) -> None:
        """Starts nothing yet."""
        self.folder = folder
        self._monitoring_port = free_port()
        self._exporter_port = free_port()
        self._ports = {service.name: (free_port(), free_port()) for service in HOUSEHOLD}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._s3 = DeployedS3(folder / "s3")
        self.nats: NatsServer | None = None

    def start(self) -> None:
        """Starts the servers, the exporter and all services, and waits until they answer."""
        options = ("-js", "-sd", str(self.folder / "nats-data"), "-m", str(self._monitoring_port))
        self.nats = NatsServer(self.folder / "nats", *options)
        self._s3.start()
        made = self._s3.first_start()
        assert made.returncode == 0, made.stderr
        exporter = {
            "TTSTRAINER_NATS_EXPORTER_PORT": str(self._exporter_port),
            "TTSTRAINER_NATS_EXPORTER_MONITORING_URL": f"http://{LOOPBACK}:{self._monitoring_port}",
        }
        self._run("nats-exporter", "services.chassis.nats_exporter", exporter)
        for service in ALL:
            self._run(service.name, service.module, self._settings(service))
        self._run(BOT.name, "tests.bot_in_town", self._settings(BOT))
        self._wait()

    def begin(self, service: Service) -> None:
        """Starts a service again."""
        self._run(service.name, service.module, self._settings(service))
        self._wait()

    def _wait(self) -> None:
        url = f"http://{LOOPBACK}:{self._exporter_port}/metrics"
        wait_until_ready(self._processes["nats-exporter"], lambda: answers(url))
        for service in HOUSEHOLD:
            port, _ = self._ports[service.name]
            wait_until_ready(self._processes[service.name], partial(accepts, port))

    def end(self, name: str) -> None:
        """Ends one process in good order."""
        process = self._processes.pop(name)
        process.terminate()
        process.wait(STOP_SECONDS)

    def close(self) -> None:
        """Ends all of it."""
        for name in list(self._processes):
            self._processes[name].terminate()
        for name in list(self._processes):
            self.end(name)
        self._s3.kill()  # in good order it takes 15 seconds
        if self.nats:
            self.nats.stop()

    @property
    def targets(self) -> Targets:
        """What Prometheus reads, by job."""
        s3 = [self._s3.ports["METRICS_PORT"], self._s3.ports["VOLUME_METRICS_PORT"]]
        services = {name: [f"{LOOPBACK}:{metrics}"] for name, (_, metrics) in self._ports.items()}
        return {
            **services,
            "nats": [f"{LOOPBACK}:{self._exporter_port}"],
            "s3": [f"{LOOPBACK}:{port}" for port in s3],
        }

    def address(self, service: Service) -> str:
        """Returns where a service answers calls."""
        return f"{LOOPBACK}:{self._ports[service.name][0]}"

    def make_a_dataset(self) -> None:
        """Runs a short talk through the pipeline, in which somebody else has a word, too."""
        if not (self.folder / "videos").exists():
            prompts = [*sentences()[:3], *sentences("it")[:1]]
            record(self.folder / "videos" / "talk.mp4", prompts)
        arguments = pipeline_arguments(
            self.folder / "videos",
            self.folder / "dataset",
            *("--server", LOOPBACK, "--language", "en"),
        )
        self._command(*arguments)

    def speak(self) -> None:
        """Has a sentence said."""
        output = self.folder / "speech.wav"
        said = ("--text", "All circuits are busy now.", "--output", output, "--server", LOOPBACK)
        self._command("inference", *said)

    def clips(self) -> list[Json]:
        """Returns the clips of the dataset, kept and rejected."""
        description: Json = json.loads((self.folder / "dataset" / "dataset.json").read_text())
        clips: list[Json] = description["clips"]
        return clips

    def _command(self, *arguments: str | Path) -> None:
        addresses = {
            f"TTSTRAINER_{each.environment_name}_ADDRESS": self.address(each) for each in ALL
        }
        ended = tts_trainer(*arguments, home=self.folder / "home", settings=addresses)
        assert ended.exit_code == 0, (ended.events[-3:], ended.messages)

    def _settings(self, service: Service) -> dict[str, str]:
        port, metrics_port = self._ports[service.name]
        own = f"TTSTRAINER_{service.environment_name}"
        return {
            **(self._s3.environment(s3_user_of(service.name)) if service in ALL else {}),
            "TTSTRAINER_NATS_URL": self.nats.url if self.nats else "",
            "TTSTRAINER_SCRATCH_DIR": str(self.folder / "scratch"),
            "TTSTRAINER_DRAIN_SECONDS": "1",
            "TTSTRAINER_PIPELINE_SWEEP_SECONDS": "1",
            **{
                f"{own}_{called.upper()}_ADDRESS": f"{LOOPBACK}:{self._ports[called][0]}"
                for called in service.calls
            },
            f"{own}_PORT": str(port),
            f"{own}_METRICS_PORT": str(metrics_port),
        }

    def _run(self, name: str, module: str, settings: dict[str, str]) -> None:
        parent = {"TTSTRAINER_PARENT_PID": str(os.getpid())}
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module],
                env=environment(self.folder / "home", **settings, **parent),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
