"""A server of MinIO's kind: its own S3 and user code, over a folder, in JuiceFS' gateway."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed_s3 import KEYS, S3Keys
from tests.servers import READY_SECONDS, answers, executable, free_port, started, wait_until_ready


class MinioServer(S3Keys):
    """It knows the administrator alone until it is told of others."""

    def __init__(self, folder: Path) -> None:
        """Starts one that keeps its data and its log in `folder`."""
        self.keys = dict(KEYS)
        juicefs, volume = executable("juicefs"), f"sqlite3://{folder}/files.db"
        # It meets users in its store, and would start a daemon for telemetry.
        folder.mkdir(parents=True, exist_ok=True)
        make = ["format", "--storage", "file", "--bucket", f"{folder}/blocks", volume, "files"]
        subprocess.run([juicefs, *make], check=True, capture_output=True)
        port = free_port()
        self.endpoint_url = f"http://127.0.0.1:{port}"
        serve = ["gateway", volume, f"127.0.0.1:{port}", "--multi-buckets", "--keep-etag"]
        serve += ["--no-usage-report", "--no-banner", "--cache-dir", f"{folder}/cache"]
        serve += ["--log", f"{folder}/gateway.log", "--metrics", f"127.0.0.1:{free_port()}"]
        root = {
            "MINIO_ROOT_USER": self.keys["S3_ADMIN_ACCESS_KEY"],
            "MINIO_ROOT_PASSWORD": self.keys["S3_ADMIN_SECRET_KEY"],
            "HOME": os.fspath(folder),
        }
        self._process = started([juicefs, *serve], folder / "gateway.out", root)
        wait_until_ready(self._process, lambda: answers(f"{self.endpoint_url}/minio/health/ready"))

    def first_start(self, **changed: str) -> subprocess.CompletedProcess[str]:
        """Runs what s3-init runs with deploy/compose/minio.yml."""
        return super().first_start(**{"S3_CREDENTIALS": "minio", **changed})

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait(READY_SECONDS)


@pytest.fixture(scope="module")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioServer]:
    """One server for the tests of a module."""
    server = MinioServer(tmp_path_factory.mktemp("minio"))
    yield server
    server.stop()
