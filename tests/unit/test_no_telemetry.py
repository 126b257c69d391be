"""What is done here is nobody else's business."""

import subprocess
import sys

ASKED = "import os, services; print(os.environ['ORT_DISABLE_TELEMETRY'])"


def test_the_services_tell_libraries_not_to_report() -> None:
    command = [sys.executable, "-c", ASKED]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "1"
