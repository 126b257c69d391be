"""Writes a version of a dataset into a folder, and tells what is in it."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.cli.datasets.folder import UNFINISHED, unpack
from gateway.cli.datasets.summary import dataset_payload, dataset_tables
from gateway.cli.exit_status import ExitStatus
from gateway.cli.importing import LeftOut
from gateway.cli.reporter import Reporter
from gateway.cli.runs.run_options import EXPORT_FORMATS, Format
from gateway.cli.session import Session
from gateway.client.client import Client
from ttstrainer.dataset.v1.dataset_service_pb2 import (
    Dataset,
    DatasetDocument,
    ExportDatasetRequest,
)


async def exported(
    client: Client,
    session: Session,
    dataset: Dataset,
    *,
    form: Format,
    output: Path,
    left_out: Sequence[LeftOut] = (),
    extra: Mapping[str, object] | None = None,
) -> ExitStatus:
    """Exports the version, shows the result, and returns how the command ended."""
    await export_to(client, session.reporter, dataset, form, output)
    document = await client.media.read_message(dataset.document_uri, DatasetDocument)
    advice = await client.dataset.recommendations(dataset.dataset_id, dataset.version)
    status = ExitStatus.PARTLY if left_out else ExitStatus.OK
    session.reporter.result(
        {
            **(extra or {}),
            "exit_code": int(status),
            "output": str(output),
            **dataset_payload(dataset, document, left_out, advice),
        },
        dataset_tables(dataset, document, left_out, advice, output),
    )
    return status


async def export_to(
    client: Client, reporter: Reporter, dataset: Dataset, form: Format, output: Path
) -> None:
    """Writes the version's files into the folder `output`."""
    request = ExportDatasetRequest(
        dataset_id=dataset.dataset_id, version=dataset.version, format=EXPORT_FORMATS[form]
    )
    archive = await client.dataset.export(
        request, lambda ratio: reporter.progress("dataset", "export", ratio)
    )
    await asyncio.to_thread(output.mkdir, parents=True, exist_ok=True)
    # On the same disk: the one for temporary files may have room for a video, and not for many.
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=output) as folder:
        downloaded = Path(folder) / "dataset.tar"
        await client.media.download(archive.archive_uri, downloaded)
        await asyncio.to_thread(unpack, downloaded, output)
    reporter.finished("dataset", "export", str(output))
