"""A running stack: NATS and services as child processes of this one."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.client.health import is_serving
from gateway.embedded.child import Child, ChildSpec, ChildState
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import ServicePorts, service_environment
from gateway.embedded.errors import StackError
from gateway.embedded.nats_server import nats_spec
from gateway.embedded.ports import claimed_ports, until_free
from gateway.embedded.stack_file import Endpoint, StackInfo
from gateway.services import LOOPBACK, WITH_QUEUES, Service

NATS_PORT = 4222


@dataclass(frozen=True, slots=True)
class StackPlan:
    """What to run, and where it listens."""

    data_folder: DataFolder
    services: tuple[ServicePorts, ...]
    nats_port: int
    """Zero for a stack without queues."""
    watched_folder: Path | None = None
    host: str = LOOPBACK

    @property
    def nats_url(self) -> str:
        """Where the queues are, or empty."""
        return f"nats://{self.host}:{self.nats_port}" if self.nats_port else ""

    @property
    def info(self) -> StackInfo:
        """What other commands are told."""
        endpoints = {
            each.service.name: Endpoint(
                f"{self.host}:{each.port}", f"{self.host}:{each.metrics_port}"
            )
            for each in self.services
        }
        return StackInfo(os.getpid(), self.nats_url, endpoints)


@asynccontextmanager
async def transient_plan(
    data_folder: DataFolder, services: tuple[Service, ...], *, with_queues: bool = False
) -> AsyncIterator[StackPlan]:
    """Gives a plan on ports that are its own for as long as the block.

    Queues run where they are wanted or a service needs them.
    """
    with claimed_ports(LOOPBACK, 2 * len(services) + 1, rng=random.SystemRandom()) as chosen:
        pairs = zip(services, chosen[1::2], chosen[2::2], strict=True)
        ports = tuple(ServicePorts(service, port, metrics) for service, port, metrics in pairs)
        has_queues = with_queues or WITH_QUEUES & {*services}
        yield StackPlan(data_folder, ports, chosen[0] if has_queues else 0)


@asynccontextmanager
async def standing_plan(
    data_folder: DataFolder,
    services: tuple[Service, ...],
    *,
    note: Callable[[str], None],
    watched_folder: Path | None = None,
) -> AsyncIterator[StackPlan]:
    """Gives a plan on the well-known ports.

    Raises:
        StackError: they do not become free.
    """
    ports = tuple(ServicePorts(each, each.port, each.metrics_port) for each in services)
    wanted = [NATS_PORT, *(port for each in ports for port in (each.port, each.metrics_port))]
    await until_free(LOOPBACK, wanted, note)
    yield StackPlan(data_folder, ports, NATS_PORT, watched_folder)


class Stack:
    """The children of a plan."""

    def __init__(self, plan: StackPlan, inherited: Mapping[str, str]) -> None:
        """Starts nothing yet; see `running_stack`."""
        self.plan = plan
        nats = (
            nats_spec(inherited, host=plan.host, port=plan.nats_port, data_folder=plan.data_folder),
        )
        self.nats = tuple(Child(spec) for spec in nats if plan.nats_port)
        self.services = tuple(Child(_spec(plan, each, inherited)) for each in plan.services)

    @property
    def children(self) -> tuple[Child, ...]:
        """All of them, in the order of starting."""
        return (*self.nats, *self.services)

    @property
    def failed(self) -> bool:
        """True when a child could not be kept alive."""
        return any(child.state is ChildState.FAILED for child in self.children)

    def kill(self) -> None:
        """Ends every child at once."""
        for child in self.children:
            child.kill()

    async def stop(self) -> None:
        """Ends the services in order, then NATS, which they say goodbye to."""
        await asyncio.gather(*(child.stop() for child in self.services))
        await asyncio.gather(*(child.stop() for child in self.nats))


@asynccontextmanager
async def running_stack(plan: StackPlan, inherited: Mapping[str, str]) -> AsyncIterator[Stack]:
    """Runs the stack for as long as the block; every child answers before the block begins.

    Raises:
        StackError: when a child cannot be started or kept alive; the block is then cancelled.
    """
    plan.data_folder.create()
    stack = Stack(plan, inherited)
    try:
        async with asyncio.TaskGroup() as group:
            try:
                for children in (stack.nats, stack.services):
                    for child in children:
                        group.create_task(child.keep_running(), name=child.spec.name)
                    await asyncio.gather(*(child.ready() for child in children))
                yield stack
            finally:
                await stack.stop()
    except BaseExceptionGroup as group_error:
        stack.kill()
        raise _first_cause(group_error) from group_error


def _spec(plan: StackPlan, ports: ServicePorts, inherited: Mapping[str, str]) -> ChildSpec:
    service = ports.service
    address = f"{plan.host}:{ports.port}"

    async def is_ready() -> bool:
        return await is_serving(address, service.rpc_name)

    return ChildSpec(
        name=service.name,
        command=[sys.executable, "-m", service.module],
        environment=service_environment(
            inherited,
            host=plan.host,
            ports=plan.services,
            service=service,
            data_folder=plan.data_folder,
            nats_url=plan.nats_url,
            watched_folder=plan.watched_folder,
        ),
        log_file=plan.data_folder.logs / f"{service.name}.log",
        is_ready=is_ready,
    )


def _first_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Returns what went wrong first: a StackError before what it brought down with it."""
    failures = group.subgroup(StackError)
    chosen: BaseException = failures if failures is not None else group
    while isinstance(chosen, BaseExceptionGroup):
        chosen = chosen.exceptions[0]
    return chosen
