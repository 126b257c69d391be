"""Asks a service whether it serves."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ANSWER_SECONDS = 2.0
FIRST_CONNECT_MILLISECONDS = 50


async def is_serving(address: str, rpc_name: str = "") -> bool:
    """Says whether the service at `address` (host:port) reports that it serves."""
    options = (("grpc.initial_reconnect_backoff_ms", FIRST_CONNECT_MILLISECONDS),)
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=rpc_name)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await stub.Check(request)
        except (grpc.aio.AioRpcError, TimeoutError):
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
