"""What each part of the stack shows of itself: its health, and the series that it promises."""

import pytest

from gateway.client.health import is_serving
from gateway.services import (
    AUDIO_QC,
    BOT,
    DATASET,
    INFERENCE,
    MEDIA,
    PIPELINE,
    TRANSCRIPTION,
    Service,
)
from tests.eventually import eventually
from tests.integration.observability.house import HOUSEHOLD, House
from tests.integration.observability.prometheus import Prometheus

PROCESS = (
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "process_start_time_seconds",
)
CALLS = (
    "ttstrainer_rpc_seconds_bucket",
    "ttstrainer_rpc_seconds_count",
    "ttstrainer_rpc_in_flight",
)
WORK = (
    'ttstrainer_work_settled_total{outcome="done"}',
    'ttstrainer_work_settled_total{outcome="retried"}',
    'ttstrainer_work_settled_total{outcome="buried"}',
    "ttstrainer_steps_in_flight",
    'ttstrainer_steps_total{outcome="computed"}',
    "ttstrainer_step_duration_seconds_bucket",
)


def clips(stage: str) -> tuple[str, ...]:
    """What every stage that judges clips shows."""
    return (
        f'ttstrainer_{stage}_clips_total{{verdict="accepted"}}',
        f'ttstrainer_{stage}_clips_total{{verdict="rejected"}}',
        f"ttstrainer_{stage}_clip_seconds_total",
        f'ttstrainer_{stage}_rejected_clips_total{{reason="LOW_CONFIDENCE"}}'
        if stage != "audio_qc"
        else f'ttstrainer_{stage}_rejected_clips_total{{reason="LOW_SNR"}}',
    )


SIGNALS = {
    MEDIA: (*PROCESS, *CALLS, *WORK),
    AUDIO_QC: (
        *PROCESS,
        *CALLS,
        *WORK,
        *clips("audio_qc"),
        "ttstrainer_audio_qc_clip_snr_decibels_bucket",
        "ttstrainer_audio_qc_clip_dnsmos_score_bucket",
    ),
    TRANSCRIPTION: (
        *PROCESS,
        *CALLS,
        *WORK,
        *clips("transcription"),
        "ttstrainer_transcription_clip_confidence_ratio_bucket",
    ),
    DATASET: (*PROCESS, *CALLS, *WORK, *clips("dataset")),
    PIPELINE: (
        *PROCESS,
        *CALLS,
        'ttstrainer_runs_total{state="succeeded"}',
        'ttstrainer_runs_total{state="failed"}',
        "ttstrainer_run_duration_seconds_bucket",
        "ttstrainer_runs_in_progress",
        "ttstrainer_run_longest_idle_seconds",
        'ttstrainer_drops_total{outcome="taken"}',
        'ttstrainer_drops_total{outcome="refused"}',
    ),
    INFERENCE: (
        *PROCESS,
        *CALLS,
        'ttstrainer_inference_time_to_first_audio_seconds_bucket{engine="vits"}',
        'ttstrainer_inference_real_time_factor_ratio_bucket{engine="xtts"}',
        'ttstrainer_inference_active_streams{engine="tortoise"}',
        "ttstrainer_inference_waiting_streams",
        "ttstrainer_inference_slots",
        'ttstrainer_inference_streams_total{engine="vits", outcome="complete"}',
        'ttstrainer_inference_streams_total{outcome="cancelled"}',
        'ttstrainer_inference_rejected_streams_total{reason="QUEUE_FULL"}',
        "ttstrainer_inference_audio_seconds_total",
        "ttstrainer_inference_tokens_total",
        'ttstrainer_inference_loaded_models{engine="vits"} == 1',
        'ttstrainer_inference_model_loads_total{outcome="failed"}',
        'ttstrainer_inference_model_unloads_total{cause="idle"}',
        'ttstrainer_inference_model_memory_bytes{model="joe"} > 0',
        "ttstrainer_inference_memory_budget_bytes > 0",
    ),
    BOT: (
        *PROCESS,
        'ttstrainer_bot_first_packet_seconds_bucket{turn="at_once"}',
        'ttstrainer_bot_first_packet_seconds_count{turn="queued"}',
        "ttstrainer_bot_underruns_total",
        "ttstrainer_bot_audio_seconds_total > 0",
        "ttstrainer_bot_waiting_items",
        'ttstrainer_bot_items_total{outcome="complete"} > 0',
        'ttstrainer_bot_items_total{outcome="failed"}',
        "ttstrainer_bot_voice_connections == 1",
        'ttstrainer_bot_voice_connects_total{outcome="connected"} == 1',
        'ttstrainer_bot_voice_connects_total{outcome="lost"}',
        'ttstrainer_bot_commands_total{command="say", outcome="done"} > 0',
        "ttstrainer_bot_guilds == 1",
        "ttstrainer_bot_gateway_connected == 1",
        "ttstrainer_bot_gateway_latency_seconds",
    ),
}
SERVERS = {
    "nats": (
        "gnatsd_healthz_status",
        "gnatsd_healthz_status_value",
        "gnatsd_varz_connections",
        "gnatsd_varz_in_msgs",
        "gnatsd_varz_mem",
        "gnatsd_varz_slow_consumers",
        'gnatsd_varz_version{value=~"[0-9.]+"}',
        "jetstream_server_max_storage",
        "jetstream_server_total_message_bytes",
        *(
            f'jetstream_stream_total_messages{{stream_name="{name}"}}'
            for name in ("WORK", "EVENTS", "DEAD", "ADVISORIES", "KV_runs")
        ),
        'jetstream_stream_limit_bytes{stream_name="WORK"}',
        'jetstream_consumer_num_pending{stream_name="WORK"}',
        'jetstream_consumer_num_ack_pending{stream_name="WORK"}',
        'jetstream_consumer_num_redelivered{stream_name="WORK"}',
        'jetstream_consumer_num_waiting{stream_name="WORK"}',
    ),
    "s3": (
        "SeaweedFS_s3_request_total",
        'SeaweedFS_volumeServer_resource{type="avail"}',
        'SeaweedFS_volumeServer_resource{type="all"}',
        'SeaweedFS_volumeServer_resource{type="used"}',
    ),
    "prometheus": ("prometheus_build_info",),
}

pytestmark = pytest.mark.timeout(300)


def test_every_service_has_its_line() -> None:
    assert SIGNALS.keys() == set(HOUSEHOLD)


@pytest.mark.parametrize("service", HOUSEHOLD, ids=lambda service: service.name)
async def test_a_service_shows_its_health(service: Service, house: House) -> None:
    async def serves() -> bool:
        return await is_serving(house.address(service), service.rpc_name)

    await eventually(serves, within_seconds=30)


@pytest.mark.parametrize("service", HOUSEHOLD, ids=lambda service: service.name)
async def test_a_service_shows_its_metrics(service: Service, prometheus: Prometheus) -> None:
    assert prometheus.query(f'up{{job="{service.name}"}}') == [1]
    assert missing(prometheus, service.name, SIGNALS[service]) == []


@pytest.mark.parametrize("job", SERVERS)
async def test_a_server_shows_its_metrics(job: str, prometheus: Prometheus) -> None:
    assert set(prometheus.query(f'up{{job="{job}"}}')) == {1}
    assert missing(prometheus, job, SERVERS[job]) == []


async def test_labels_name_kinds_and_nothing_that_grows(prometheus: Prometheus) -> None:
    known = {"__name__", "instance", "job", "le", "method", "code", "outcome", "state", "verdict"}
    series = prometheus.series('{__name__=~"ttstrainer_.+"}')
    # Models are those in memory: they leave with what they show.
    known |= {"reason", "engine", "cause", "model", "version", "turn", "command"}
    assert {label for each in series for label in each} <= known


def missing(prometheus: Prometheus, job: str, promised: tuple[str, ...]) -> list[str]:
    """Returns the series that a job promises and does not show."""
    return [it for it in promised if not prometheus.query(f'{{job="{job}"}} and {it}')]
