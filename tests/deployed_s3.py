"""The S3 server of the compose file, started by its own script, and what makes it ready."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from minio import Minio

from services.chassis.storage.minio_artifacts import s3_client
from tests.servers import answers, executable, free_port, wait_until_ready

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "deploy" / "s3" / "start.sh"
IDENTITIES = ROOT / "deploy" / "s3" / "identities.json"
BUCKET = "tts-trainer"
STOP_SECONDS = 40
FIRST_START = "services.chassis.storage.first_start"
KEYS = {
    "S3_ADMIN_ACCESS_KEY": "admin",
    "S3_ADMIN_SECRET_KEY": "secret-of-admin",
    "S3_SERVICES_ACCESS_KEY": "services",
    "S3_SERVICES_SECRET_KEY": "secret-of-services",
    "S3_INFERENCE_ACCESS_KEY": "inference",
    "S3_INFERENCE_SECRET_KEY": "secret-of-inference",
    "S3_DROP_ACCESS_KEY": "drop",
    "S3_DROP_SECRET_KEY": "secret-of-drop",
}
"""Who everybody is; a test may change some."""

# Each part of SeaweedFS dies with the script that started it, and that with the test.
TETHERED = '#!/bin/sh\nexec "{python}" -m services.chassis.tether "{program}" "$@"\n'


class S3Keys:
    """An S3 server that knows everybody of KEYS."""

    endpoint_url: str
    keys: dict[str, str]

    def client(self, who: str) -> Minio:
        """Returns a client that signs as `admin`, `services`, `inference` or `drop`."""
        access_key = self.keys[f"S3_{who.upper()}_ACCESS_KEY"]
        return s3_client(self.endpoint_url, access_key, self.keys[f"S3_{who.upper()}_SECRET_KEY"])

    def environment(self, who: str) -> dict[str, str]:
        """Returns what a service is told about the store, signing as `who`."""
        return {
            "TTSTRAINER_STORE_URL": f"s3://{BUCKET}?endpoint={self.endpoint_url}",
            "TTSTRAINER_S3_ACCESS_KEY": self.keys[f"S3_{who.upper()}_ACCESS_KEY"],
            "TTSTRAINER_S3_SECRET_KEY": self.keys[f"S3_{who.upper()}_SECRET_KEY"],
        }

    def first_start(self, **changed: str) -> subprocess.CompletedProcess[str]:
        """Runs what s3-init runs."""
        settings = {**self.keys, "S3_ENDPOINT": self.endpoint_url, "S3_WAIT_SECONDS": "20"}
        return first_start({**settings, **changed})


class DeployedS3(S3Keys):
    """SeaweedFS as deploy/s3/start.sh runs it; it can be killed and started again on its data."""

    def __init__(self, folder: Path, *, identities: Path = IDENTITIES) -> None:
        """Keeps data and log in `folder`; starts nothing yet."""
        self._folder = folder
        self._identities = identities
        names = ("PORT", "METRICS_PORT", "VOLUME_METRICS_PORT", "MASTER_PORT", "VOLUME_PORT")
        self.ports = {name: free_port() for name in (*names, "FILER_PORT")}
        self.endpoint_url = f"http://127.0.0.1:{self.ports['PORT']}"
        self.keys = dict(KEYS)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it said so far."""
        return (self._folder / "s3.log").read_text(errors="replace")

    def start(self) -> None:
        """Starts it and waits until it is healthy, as Compose does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        weed = self._folder / "bin" / "weed"
        weed.parent.mkdir(exist_ok=True)
        weed.write_text(TETHERED.format(python=sys.executable, program=executable("weed")))
        weed.chmod(0o755)
        own = {
            "PATH": f"{weed.parent}:{os.environ['PATH']}",
            "S3_DATA_FOLDER": str(self._folder / "data"),
            "S3_IDENTITIES_FILE": str(self._identities),
            "PYTHONPATH": str(ROOT),
        }
        ports = {f"S3_{name}": str(port) for name, port in self.ports.items()}
        with (self._folder / "s3.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.chassis.tether", "sh", SCRIPT],
                env={**os.environ, **self.keys, **ports, **own},
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        wait_until_ready(self._process, lambda: answers(f"{self.endpoint_url}/healthz"))

    def kill(self) -> None:
        """Kills all of it without warning."""
        # Not one that has ended: its number may be another process's by now.
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> int:
        """Ends it in good order and returns its exit code."""
        assert self._process
        self._process.terminate()
        return self._process.wait(STOP_SECONDS)


def s3_user_of(service_name: str) -> str:
    """Returns who a service signs as, deployed."""
    return "inference" if service_name == "inference" else "services"


def first_start(settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs what s3-init runs, with these settings and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("S3_")}
    return subprocess.run(
        [sys.executable, "-m", FIRST_START],
        env={**inherited, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def put(client: Minio, key: str, content: bytes = b"1", *, bucket: str = BUCKET) -> None:
    """Writes an object, in parts where it is large."""
    client.put_object(bucket, key, BytesIO(content), len(content))


def keys_under(client: Minio, prefix: str = "") -> list[str]:
    """Returns the keys of the bucket that start with `prefix`."""
    found = client.list_objects(BUCKET, prefix, recursive=True)
    return sorted(str(each.object_name) for each in found if not each.is_dir)
