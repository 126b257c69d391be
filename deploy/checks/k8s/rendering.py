"""What `kubectl apply -k` would send, for each overlay."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Document = Mapping[str, Any]

# The overlays use the configuration of NATS and S3 that compose uses.
FOLDERS = ("k8s", "nats", "s3")


def overlays(deploy: Path) -> list[str]:
    """Returns the names of the overlays in a deploy folder."""
    return sorted(path.parent.name for path in deploy.glob("k8s/overlays/*/kustomization.yaml"))


def rendered(deploy: Path, overlay: str) -> list[Document]:
    """Returns the documents of an overlay; secrets that are not there are made from the example.

    Raises:
        RuntimeError: kustomize refused it; the message is kustomize's own.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in FOLDERS:
            shutil.copytree(deploy / name, copy / name)
        for example in copy.glob("k8s/overlays/*/secrets.env.example"):
            example.with_suffix("").write_text(example.read_text())
        command = [kubectl(), "kustomize", str(copy / "k8s/overlays" / overlay)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr.strip().replace(f"{copy}/", ""))
    return list(yaml.safe_load_all(done.stdout))


def kubectl() -> str:
    """Returns the program: the one beside this Python, or another one that is on the path."""
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.exists() else shutil.which("kubectl")
    if found is None:
        raise RuntimeError("kubectl is missing: run make setup")
    return found


def named(document: Document) -> str:
    """Returns a document's name for people, such as Deployment/media."""
    return f"{document.get('kind', '?')}/{document.get('metadata', {}).get('name', '?')}"


def of_kind(documents: Sequence[Document], *kinds: str) -> list[Document]:
    """Returns the documents of some kinds."""
    return [document for document in documents if document.get("kind") in kinds]
