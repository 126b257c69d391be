"""Where the services are."""

from collections.abc import Mapping

from gateway.services import ALL

Addresses = Mapping[str, str]
"""The gRPC address (host:port) of each service, by the service's name."""


def addresses_on(host: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the addresses of services that run on `host` at their usual ports.

    TTSTRAINER_<SERVICE>_ADDRESS in the environment names another place for one service.
    """
    return {
        service.name: environment.get(f"TTSTRAINER_{service.environment_name}_ADDRESS")
        or f"{host}:{service.port}"
        for service in ALL
    }
