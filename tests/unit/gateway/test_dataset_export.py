"""How a dataset comes from the store into a folder."""

import io
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gateway.cli.datasets.export import export_to
from gateway.cli.runs.run_options import Format
from tests.fakes.reporter import RecordingReporter
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


class Store:
    """Has one archive, and remembers where it was downloaded to."""

    def __init__(self) -> None:
        self.downloaded_to = Path()

    async def export(self, request: pb.ExportDatasetRequest, progress: object) -> pb.DatasetArchive:
        """See DatasetClient."""
        return pb.DatasetArchive(archive_uri="artifact://blobs/x")

    async def download(self, uri: str, path: Path) -> None:
        """See MediaClient."""
        self.downloaded_to = path
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo("metadata.csv")
            info.size = 4
            tar.addfile(info, io.BytesIO(b"a|b\n"))


async def test_an_archive_lies_on_the_disk_that_its_files_are_meant_for(tmp_path: Path) -> None:
    store, output = Store(), tmp_path / "dataset"
    client: Any = SimpleNamespace(dataset=store, media=store)
    dataset = pb.Dataset(dataset_id="ada", version=1)
    await export_to(client, RecordingReporter(), dataset, Format.LJSPEECH, output)
    assert store.downloaded_to.is_relative_to(output)
    assert [each.name for each in output.iterdir()] == ["metadata.csv"]
