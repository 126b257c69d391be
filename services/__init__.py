"""The services: each is one process with one subject. They meet only on the wire."""

import os

# These libraries report on their use to their makers, unless told before they are imported not to.
for _refusal in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_refusal, "1")
