"""A hub of models in a folder, that can be out of reach."""

from dataclasses import dataclass, field
from pathlib import Path

from services.inference.catalogue.hub_models import DownloadError


@dataclass
class FakeHub:
    """Has the files below `remote`, and remembers which were fetched."""

    remote: Path
    is_reachable: bool = True
    fetched_paths: list[str] = field(default_factory=list)

    def cached(self, repository: str, revision: str, path: str) -> Path | None:
        return self.remote / path if path in self.fetched_paths else None

    def fetched(self, repository: str, revision: str, path: str) -> Path:
        if not self.is_reachable or not (self.remote / path).is_file():
            raise DownloadError
        self.fetched_paths.append(path)
        return self.remote / path
