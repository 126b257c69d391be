"""What a service of an embedded stack is told."""

from pathlib import Path

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import ServicePorts, service_environment
from gateway.embedded.nats_server import nats_spec
from gateway.services import ALL, MEDIA, PIPELINE, Service

PORTS = tuple(ServicePorts(each, each.port, each.metrics_port) for each in ALL)


def environment_of(
    service: Service, inherited: dict[str, str] | None = None, watched: Path | None = None
) -> dict[str, str]:
    return service_environment(
        inherited or {},
        host="127.0.0.1",
        ports=PORTS,
        service=service,
        data_folder=DataFolder(Path("/data with space")),
        nats_url="nats://127.0.0.1:4222",
        watched_folder=watched,
    )


def test_a_service_knows_its_own_ports_and_those_it_calls_only() -> None:
    media, pipeline = environment_of(MEDIA), environment_of(PIPELINE)
    assert media["TTSTRAINER_MEDIA_PORT"] == "50051"
    assert media["TTSTRAINER_MEDIA_METRICS_PORT"] == "9051"
    assert not [name for name in media if name.endswith("_ADDRESS")]
    assert pipeline["TTSTRAINER_PIPELINE_MEDIA_ADDRESS"] == "127.0.0.1:50051"
    assert len([name for name in pipeline if name.endswith("_ADDRESS")]) == 1


def test_settings_of_a_remote_server_do_not_concern_an_embedded_stack() -> None:
    foreign = {
        "TTSTRAINER_BEARER_TOKEN": "secret",
        "TTSTRAINER_TLS_CERTIFICATE_FILE": "/x.pem",
        "TTSTRAINER_STORE_URL": "s3://bucket",
        "TTSTRAINER_MEDIA_STORE_URL": "s3://bucket",
        "TTSTRAINER_MEDIA_ADDRESS": "far.example:1",
    }
    environment = environment_of(MEDIA, foreign)
    assert environment["TTSTRAINER_STORE_URL"] == "file:///data%20with%20space/store"
    kept = set(foreign) & set(environment)
    assert kept == {"TTSTRAINER_STORE_URL"}


def test_the_token_of_the_bot_is_for_the_bot_alone() -> None:
    inherited = {"DISCORD_TOKEN": "secret", "TTSTRAINER_BOT_TOKEN": "secret", "PATH": "/bin"}
    assert "secret" not in environment_of(MEDIA, inherited).values()
    nats = nats_spec(inherited, host="h", port=1, data_folder=DataFolder(Path("/data")))
    assert "secret" not in nats.environment.values()


def test_the_users_other_settings_pass_through() -> None:
    chosen = {"TTSTRAINER_TRANSCRIPTION_MODEL": "tiny.en", "OMP_NUM_THREADS": "4", "PATH": "/bin"}
    environment = environment_of(MEDIA, chosen)
    assert {name: environment[name] for name in chosen} == chosen
    assert environment_of(MEDIA)["OMP_NUM_THREADS"] == "1"


def test_only_the_pipeline_watches_a_folder() -> None:
    variable = "TTSTRAINER_PIPELINE_WATCHED_FOLDER"
    assert environment_of(PIPELINE, watched=Path("/drop"))[variable] == "/drop"
    assert variable not in environment_of(MEDIA, watched=Path("/drop"))
