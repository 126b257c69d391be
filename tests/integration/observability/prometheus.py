"""A real Prometheus that reads our configuration, less patiently and here."""

import json
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.servers import answers, executable, free_port, started, wait_until_ready

if TYPE_CHECKING:
    import subprocess

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
RULES = FOLDER / "rules"
INTERVAL = "1s"
RENDERED = "Rendered"
"""Ends the names of copies of alerts that always fire, so that their texts are filled in."""

Json = dict[str, Any]
Targets = Mapping[str, Sequence[str]]


class Prometheus:
    """A server that scrapes `targets` (job -> addresses) every second."""

    def __init__(self, folder: Path, targets: Targets) -> None:
        """Keeps its data and its log in `folder`; starts nothing yet."""
        self._folder = folder
        self._targets = targets
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it and waits until it has read every target: it sees what is counted later."""
        self._folder.mkdir(parents=True)
        targets = {**self._targets, "prometheus": [f"127.0.0.1:{self._port}"]}
        config = self._folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(adapted(self._folder, targets)))
        command = [executable("prometheus"), f"--config.file={config}", "--log.level=warn"]
        command += [f"--web.listen-address=127.0.0.1:{self._port}"]
        command += [f"--storage.tsdb.path={self._folder / 'data'}"]
        self._process = started(command, self._folder / "prometheus.log")
        wait_until_ready(self._process, lambda: answers(f"{self.url}/-/ready"))
        count = sum(len(addresses) for addresses in targets.values())
        wait_until_ready(self._process, lambda: self.query("sum(up)") == [count])

    def stop(self) -> None:
        """Ends it."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    def query(self, expression: str) -> list[float]:
        """Returns the values of an instant query. Raises HTTPError where it is no PromQL."""
        return [float(it["value"][1]) for it in self._answer("query", query=expression)["result"]]

    def series(self, expression: str) -> list[dict[str, str]]:
        """Returns the labels of what an instant query finds."""
        return [it["metric"] for it in self._answer("query", query=expression)["result"]]

    def alerts(self) -> list[Json]:
        """Returns the alerts that are pending or fire, with labels and annotations."""
        alerts: list[Json] = self._answer("alerts")["alerts"]
        return alerts

    def _answer(self, path: str, **parameters: str) -> Json:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            data: Json = json.load(answer)["data"]
        return data


def adapted(folder: Path, targets: Targets) -> Json:
    """Returns our configuration, with other addresses; writes impatient alerts to `folder`."""
    config: Json = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    for alerting in ("scrape_interval", "evaluation_interval", "scrape_timeout"):
        config["global"][alerting] = INTERVAL
    jobs = {it["job_name"] for it in config["scrape_configs"]}
    assert jobs == set(targets), "a job without a target, or a target without a job"
    config["scrape_configs"] = [
        {
            "job_name": each["job_name"],
            "static_configs": [{"targets": list(targets[each["job_name"]])}],
        }
        for each in config["scrape_configs"]
    ]
    del config["alerting"]
    impatient = folder / "alerts.yml"
    impatient.write_text(yaml.safe_dump(_impatient()))
    config["rule_files"] = [str(RULES / "recording.yml"), str(impatient)]
    return config


def alerts() -> list[Json]:
    """Returns our alerting rules."""
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def recorded() -> list[str]:
    """Returns the names of our recording rules."""
    groups = yaml.safe_load((RULES / "recording.yml").read_text())["groups"]
    return sorted({rule["record"] for group in groups for rule in group["rules"]})


def _impatient() -> Json:
    """Returns the alerts without their patience, and copies that fire whatever happens."""
    rules = [{**rule, "for": "0s"} for rule in alerts()]
    copies = [{**rule, "alert": rule["alert"] + RENDERED, "expr": "vector(1)"} for rule in rules]
    return {"groups": [{"name": "alerts", "rules": rules}, {"name": "copies", "rules": copies}]}
