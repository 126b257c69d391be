"""Of clients that give up early."""

from gateway.client.retrying import Patience


def impatience() -> Patience:
    """Gives up after a second, and asks often until then."""
    return Patience(give_up_seconds=1.0, first_pause_seconds=0.01, longest_pause_seconds=0.05)
