"""The last word of a process whose threads do not come to an end."""

import os
import sys
import threading
import time


def exit_within(seconds: float, exit_code: int) -> None:
    """Ends the process after `seconds` unless it has ended by then.

    Python waits at its exit for every thread, and a thread that decodes or transcribes cannot be
    cancelled; what it computes was handed back already.
    """

    def end() -> None:
        time.sleep(seconds)
        sys.stderr.flush()
        os._exit(exit_code)

    threading.Thread(target=end, name="exit", daemon=True).start()
