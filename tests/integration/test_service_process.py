"""The life of a service, as a process: start, refuse to start, drain, stop."""

import asyncio
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

import grpc
import pytest

from services.chassis.channel import error_of, open_channel
from services.chassis.errors import ShutdownError
from services.chassis.process.stop_signals import ECHO_SECONDS
from tests.echo_process import METHOD, EchoProcess, echo_environment, echo_process
from tests.eventually import eventually
from tests.fakes.echo import SERVICE_NAME, call, texts_of
from tests.jetstream_links import linked
from tests.probing import Probing
from tests.servers import NatsServer, executable, free_port


async def run_to_end(*command: str, folder: Path) -> tuple[int | None, str]:
    """Runs a program to its end and returns the exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=echo_environment(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


def fetched(address: str) -> str:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as response:
        return str(response.read().decode())


async def test_a_service_says_where_it_serves_measures_itself_and_stops_clean(
    tmp_path: Path,
) -> None:
    async with echo_process(tmp_path) as echo:
        await echo.started()
        async with open_channel(echo.address) as channel:
            assert await texts_of(call(channel, "UnaryUnary", "hello")) == ["hello"]
        metrics = await asyncio.to_thread(fetched, echo.metrics_address)
        assert f'ttstrainer_rpc_seconds_count{{code="OK",method="{SERVICE_NAME}' in metrics
        assert len(list((tmp_path / "scratch").iterdir())) == 1
        echo.signal(signal.SIGTERM)

        assert await echo.exit_code() == 0
        assert echo.line("service.stopped")
        assert list((tmp_path / "scratch").iterdir()) == []
        assert "Traceback" not in echo.said


async def test_a_stream_may_end_after_sigterm_and_is_told_when_the_drain_is_over(
    tmp_path: Path,
) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_DRAIN_SECONDS": "1"}) as echo:
        await echo.started()
        async with open_channel(echo.address) as channel:
            stream = call(channel, "StreamStream", "hold")
            assert (await stream.read()).value == "hold"
            started = time.monotonic()
            echo.signal(signal.SIGTERM)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stream.read()

    assert time.monotonic() - started >= 0.9
    assert isinstance(error_of(caught.value), ShutdownError)


@pytest.mark.parametrize("task", ["hold", "block"])
async def test_a_second_sigterm_ends_it_quickly_even_with_a_thread_that_does_not_end(
    tmp_path: Path, task: str
) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_DRAIN_SECONDS": "60"}) as echo:
        await echo.started()
        async with open_channel(echo.address) as channel:
            stream = call(channel, "UnaryStream", task)
            assert (await stream.read()).value == task
            echo.signal(signal.SIGTERM)
            await eventually(lambda: echo.line("service.stopping"))
            await asyncio.sleep(ECHO_SECONDS)  # as late as a person's, who has lost patience
            echo.signal(signal.SIGTERM)

            assert await echo.exit_code() == 0  # long before the drain, or the thread, has ended


async def test_bad_settings_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_ECHO_PORT": "abc"}) as echo:
        assert await echo.exit_code() == 2
        assert echo.said == 'echo: TTSTRAINER_ECHO_PORT: "abc" is not a valid integer\n'


@pytest.mark.parametrize("setting", ["PORT", "METRICS_PORT"])
async def test_a_port_in_use_is_one_line_and_exit_code_1(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with echo_process(tmp_path, {f"TTSTRAINER_ECHO_{setting}": port}) as echo:
            assert await echo.exit_code() == 1
            assert echo.said.count("\n") == 1
            assert echo.said.startswith(f"echo: Cannot listen on 127.0.0.1:{port} (Address already")
            assert f"TTSTRAINER_ECHO_{setting}" in echo.said


async def test_a_background_loop_that_fails_ends_the_service_with_a_traceback(
    tmp_path: Path,
) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_ECHO_FAILS_IN_BACKGROUND": "true"}) as echo:
        assert await echo.exit_code() == 1
        failed = echo.line("service.failed")
        assert failed
        assert "broken loop" in str(failed["exception"])


async def test_the_health_check_tells_by_its_exit_code(tmp_path: Path) -> None:
    check = (sys.executable, "-m", "services.chassis.healthcheck")
    async with echo_process(tmp_path) as echo:
        await echo.started()
        assert await run_to_end(*check, echo.address, folder=tmp_path) == (0, "")
        address = echo.address
    exit_code, said = await run_to_end(*check, address, folder=tmp_path)

    assert exit_code == 1
    assert said.startswith(f"{address}: The service does not answer")


async def test_grpcurl_can_list_and_describe(tmp_path: Path) -> None:
    async with echo_process(tmp_path) as echo:
        await echo.started()
        grpcurl = (executable("grpcurl"), "-plaintext", echo.address)
        listed = await run_to_end(*grpcurl, "list", folder=tmp_path)
        described = await run_to_end(
            *grpcurl, "describe", "grpc.health.v1.Health.Check", folder=tmp_path
        )
        unknown = await run_to_end(
            *grpcurl, "describe", "grpc.health.v1.Health.Heal", folder=tmp_path
        )

    assert listed == (
        0,
        f"grpc.health.v1.Health\ngrpc.reflection.v1alpha.ServerReflection\n{SERVICE_NAME}\n",
    )
    assert described[0] == 0
    assert "HealthCheckRequest" in described[1]
    assert unknown[0] != 0


async def test_newer_tools_find_reflection_under_its_stable_name(tmp_path: Path) -> None:
    async with echo_process(tmp_path) as echo:
        await echo.started()
        curl = (executable("buf"), "curl", "--http2-prior-knowledge", "--protocol", "grpc")
        url = f"http://{echo.address}/grpc.health.v1.Health/Check"
        done = await run_to_end(*curl, "--reflect-protocol", "grpc-v1", url, folder=tmp_path)

    assert done == (0, '{\n  "status": "SERVING"\n}\n')


async def started_with_nats(echo: EchoProcess, server: NatsServer) -> Probing:
    await echo.started()
    probing = Probing(method=METHOD)
    async with linked(server.url) as link:
        await probing.listen(link)
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    return probing


async def test_with_nats_a_service_works_its_queue_off(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_NATS_URL": nats_server.url}) as echo:
        await started_with_nats(echo, nats_server)
        echo.signal(signal.SIGTERM)

        assert await echo.exit_code() == 0
        assert echo.line("service.stopped")


async def test_a_service_waits_for_a_nats_that_starts_later(
    tmp_path: Path, own_nats_server: NatsServer
) -> None:
    own_nats_server.stop()
    async with echo_process(tmp_path, {"TTSTRAINER_NATS_URL": own_nats_server.url}) as echo:
        await eventually(lambda: echo.line("nats.connecting"), within_seconds=20)
        assert echo.line("service.started") is None
        own_nats_server.start()

        await echo.started()


async def test_a_service_that_waits_for_nats_can_be_stopped(tmp_path: Path) -> None:
    nowhere = f"nats://127.0.0.1:{free_port()}"
    async with echo_process(tmp_path, {"TTSTRAINER_NATS_URL": nowhere}) as echo:
        await eventually(lambda: echo.line("nats.connecting"), within_seconds=20)
        echo.signal(signal.SIGTERM)

        assert await echo.exit_code() == 0
        assert echo.line("service.started") is None


async def test_a_service_survives_a_restart_of_nats(
    tmp_path: Path, own_nats_server: NatsServer
) -> None:
    async with echo_process(tmp_path, {"TTSTRAINER_NATS_URL": own_nats_server.url}) as echo:
        await started_with_nats(echo, own_nats_server)
        own_nats_server.kill()
        own_nats_server.start()
        await started_with_nats(echo, own_nats_server)

        assert echo.process.returncode is None
