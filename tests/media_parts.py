"""The media service's use cases over a store in a folder, with the real ffmpeg."""

from dataclasses import dataclass
from pathlib import Path

from services.chassis.artifacts import key_of
from services.chassis.blobs import add_bytes, add_file
from services.chassis.steps import StepResults
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.media.extraction import Extraction
from services.media.ffmpeg import Ffmpeg
from services.media.ffprobe import Ffprobe
from services.media.importing import Imports
from services.media.intake import Intake
from services.media.probing import Probing
from ttstrainer.media.v1 import media_service_pb2 as pb


@dataclass(frozen=True)
class MediaParts:
    """Everything the servicer needs, and where its bytes lie."""

    root: Path
    scratch: Path
    store: LocalArtifacts
    intake: Intake
    imports: Imports
    probing: Probing
    extraction: Extraction

    async def extract(
        self, recorded: Path | bytes, *, stream_index: int | None = None, language_code: str = ""
    ) -> pb.ExtractedAudio:
        """Stores the recording and extracts its audio."""
        request = pb.ExtractAudioRequest(recording_id=await self.add(recorded))
        if stream_index is not None:
            request.stream_index = stream_index
        if language_code:
            request.language_code = language_code
        return await self.extraction.extract(request, lambda _: None)

    async def probe(self, recorded: Path | bytes) -> pb.MediaInfo:
        """Stores the recording and probes it."""
        return await self.probing.probe(await self.add(recorded))

    async def add(self, recorded: Path | bytes) -> str:
        """Stores the recording and returns its id."""
        if isinstance(recorded, bytes):
            return (await add_bytes(self.store, recorded)).sha256
        return (await add_file(self.store, recorded)).sha256

    def path_of(self, uri: str) -> Path:
        """Returns where an artifact lies on the disk."""
        return self.root / key_of(uri)


def media_parts(
    folder: Path,
    *,
    program: Path = Path("ffmpeg"),
    limit_seconds: float = 30.0,
    max_duration_seconds: float = 3600.0,
    max_stream_count: int = 8,
    max_recording_bytes: int = 1 << 30,
) -> MediaParts:
    """Builds them below `folder`."""
    root, scratch = folder / "store", folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    store = LocalArtifacts(root)
    steps = StepResults(store)
    intake = Intake(store, scratch, max_recording_bytes)
    probing = Probing(
        store,
        steps,
        Ffprobe(Path("ffprobe"), "test", limit_seconds),
        max_stream_count=max_stream_count,
        max_duration_seconds=max_duration_seconds,
    )
    ffmpeg = Ffmpeg(program, "test", limit_seconds, max_duration_seconds, 1 << 30)
    extraction = Extraction(store, steps, probing, ffmpeg, scratch=scratch, max_parallel_count=2)
    return MediaParts(root, scratch, store, intake, Imports(store, intake), probing, extraction)
