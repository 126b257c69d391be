"""What a container may do, and who reaches it."""

import pytest

from tests.containers.compose import PORTS, ComposeStack
from tests.containers.engine import docker, inspect

OURS = tuple(PORTS)
PUBLISHED = {"s3": {"8333/tcp"}, **{name: {f"{port}/tcp"} for name, port in PORTS.items()}}
SHARED = {"chassis", "decoding", "speech"}
"""Rooms of the code that every image holds."""
WITH_TORCH = {"audio-qc", "inference"}
OBSERVING = {"prometheus": {"9090/tcp"}, "alertmanager": set(), "nats-exporter": set()}


def test_every_container_is_confined(stack: ComposeStack) -> None:
    for name in stack.containers():
        host = inspect(name)["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["CapAdd"] is None, name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert host["Memory"] > 0, name
        assert not host["Privileged"], name


@pytest.mark.parametrize("service", OURS)
def test_our_services_are_nobody_and_cannot_build_anything(
    stack: ComposeStack, service: str
) -> None:
    (name,) = stack.containers(service)
    assert docker("exec", name, "id", "-u").strip() == "10001"
    found = docker("exec", name, "bash", "-c", "type -P gcc cc make pip git curl || true")
    assert found.strip() == ""
    refused = docker("exec", name, "touch", "/opt/venv/x", check=False)
    assert "Read-only file system" in refused


def test_only_what_people_use_is_published_and_only_on_this_machine(stack: ComposeStack) -> None:
    for service, expected in {**PUBLISHED, **OBSERVING, "nats": set()}.items():
        for name in stack.containers(service):
            ports = inspect(name)["NetworkSettings"]["Ports"]
            bound = {port: places for port, places in ports.items() if places}
            assert set(bound) == expected, name
            places = [place["HostIp"] for each in bound.values() for place in each]
            assert set(places) <= {"127.0.0.1"}, name


@pytest.mark.parametrize("service", OURS)
def test_a_service_knows_no_password_but_its_own(stack: ComposeStack, service: str) -> None:
    (name,) = stack.containers(service)
    given = [each.partition("=") for each in inspect(name)["Config"]["Env"]]
    variables = {key: value for key, equals, value in given if equals}
    passwords = {key for key in variables if key.endswith(("PASSWORD", "SECRET_KEY"))}
    assert passwords == {"TTSTRAINER_NATS_PASSWORD", "TTSTRAINER_S3_SECRET_KEY"}
    assert not variables["TTSTRAINER_NATS_PASSWORD"].startswith("local-only")


@pytest.mark.parametrize("service", OURS)
def test_an_image_holds_no_secret_and_only_its_own_code(stack: ComposeStack, service: str) -> None:
    (name,) = stack.containers(service)
    image = inspect(inspect(name)["Image"])
    assert not [each for each in image["Config"]["Env"] if "PASSWORD" in each or "SECRET" in each]
    assert image["Config"]["Labels"]["org.opencontainers.image.title"] == f"tts-trainer {service}"
    packages = docker(
        "exec", name, "python", "-c",
        "import pathlib, services; print(*(it.name for it in"
        " pathlib.Path(services.__file__).parent.iterdir() if it.is_dir()))",
    )  # fmt: skip
    rooms = set(packages.split()) - {"__pycache__"}
    assert rooms == SHARED | {service.replace("-", "_")}


def test_torch_is_only_where_it_is_needed(stack: ComposeStack) -> None:
    has_torch = "import importlib.util as u; print(u.find_spec('torch') is not None)"
    for service in OURS:
        (name,) = stack.containers(service)
        found = docker("exec", name, "python", "-c", has_torch).strip()
        assert found == str(service in WITH_TORCH), service
