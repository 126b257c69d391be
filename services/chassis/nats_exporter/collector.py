"""Reads the monitoring pages whenever Prometheus asks, and hands on what they say."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from typing import Any

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.chassis.nats_exporter import translation
from services.chassis.nats_exporter.translation import Page, Sample

VARZ = "/varz"
HEALTHZ = "/healthz"
JSZ = "/jsz?streams=true&consumers=true&config=true&raft=true"

log = structlog.get_logger()


class PageError(Exception):
    """A page could not be read."""


class NatsCollector(Collector):
    """Asks one server; while it does not answer, that alone is told."""

    def __init__(self, monitoring_url: str, timeout_seconds: float) -> None:
        """Asks nothing yet."""
        self._url = monitoring_url
        self._timeout_seconds = timeout_seconds

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Names nothing in advance: registering must not wait for the server."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields everything that the server says now."""
        return families(self._samples())

    def _samples(self) -> Iterator[Sample]:
        try:
            healthz = self._page(HEALTHZ)
            varz, jsz = self._page(VARZ), self._page(JSZ)
        except PageError as error:
            log.warning("nats.unreachable", url=self._url, reason=str(error))
            yield from translation.health(self._url, None)
            return
        yield from translation.health(self._url, healthz)
        yield from translation.server(self._url, varz)
        yield from translation.jetstream(self._url, varz, jsz)

    def _page(self, path: str) -> Page:
        try:
            text = self._read(path)
            page: Any = json.loads(text)
        except (OSError, HTTPException, ValueError) as error:
            raise PageError(type(error).__name__) from error
        if not isinstance(page, dict):
            raise PageError("not an object")
        return page

    def _read(self, path: str) -> bytes:
        url = self._url + path
        try:
            with urllib.request.urlopen(url, timeout=self._timeout_seconds) as answer:  # noqa: S310
                content: bytes = answer.read()
        except urllib.error.HTTPError as answer:
            # A server that is not well says so with 503 and the reason as JSON.
            with answer:
                return answer.read()
        return content


def families(samples: Iterable[Sample]) -> Iterator[GaugeMetricFamily]:
    """Groups samples by name, as the text format wants them."""
    found: dict[str, GaugeMetricFamily] = {}
    for sample in samples:
        if sample.name not in found:
            found[sample.name] = GaugeMetricFamily(
                sample.name, _help(sample.name), labels=list(sample.labels)
            )
        found[sample.name].add_metric(list(sample.labels.values()), sample.value)
    yield from found.values()


def _help(name: str) -> str:
    meaning = name.partition("_")[2].replace("_", " ").capitalize()
    return f"{meaning}, as the NATS server reports it."
