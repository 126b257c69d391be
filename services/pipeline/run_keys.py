"""The keys under which runs are kept.

| key | holds |
|---|---|
| `run.<run>.head` | the run without its recordings |
| `rec.<run>.<recording>` | one recording of it |
| `active.<run>` | nothing; there while the run is under way, so that finding it reads no other |
| `request.<request>` | the id of the run that the request has started |
| `leaving.<run>` | the revision of the head that is being removed, until all else is gone too |
"""

__all__ = [
    "ACTIVE_KEYS",
    "LEAVING_KEYS",
    "REQUEST_KEYS",
    "RUN_KEYS",
    "recording_key",
    "run_key",
]

RUN_KEYS = "run."
RECORDING_KEYS = "rec."
ACTIVE_KEYS = "active."
REQUEST_KEYS = "request."
LEAVING_KEYS = "leaving."


def run_key(run_id: str) -> str:
    """Returns the key of a run."""
    # A part of its own at the end: a watcher is told of this run alone, not of all.
    return f"{RUN_KEYS}{run_id}.head"


def recording_key(run_id: str, recording_id: str) -> str:
    """Returns the key of a recording of a run; what all of the run begin with, for an empty one."""
    return f"{RECORDING_KEYS}{run_id}.{recording_id}"
