"""How the stages work, as asked for on the command line; what is not asked for is the service's."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.dataset.v1 import dataset_service_pb2 as dataset_pb
from ttstrainer.pipeline.v1.pipeline_service_pb2 import RunOptions


class NoiseReduction(StrEnum):
    """How noise is reduced before clips are graded."""

    NONE = "none"
    SPECTRAL = "spectral"
    NEURAL = "neural"


class Format(StrEnum):
    """In which form a dataset is written."""

    LJSPEECH = "ljspeech"
    COQUI_XTTS = "coqui-xtts"
    AUDIOFOLDER = "audiofolder"


EXPORT_FORMATS = {
    Format.LJSPEECH: dataset_pb.EXPORT_FORMAT_LJSPEECH,
    Format.COQUI_XTTS: dataset_pb.EXPORT_FORMAT_COQUI_XTTS,
    Format.AUDIOFOLDER: dataset_pb.EXPORT_FORMAT_AUDIOFOLDER,
}
NOISE_REDUCTIONS = {
    None: qc.NOISE_REDUCTION_UNSPECIFIED,
    NoiseReduction.NONE: qc.NOISE_REDUCTION_NONE,
    NoiseReduction.SPECTRAL: qc.NOISE_REDUCTION_SPECTRAL,
    NoiseReduction.NEURAL: qc.NOISE_REDUCTION_NEURAL,
}


@dataclass(frozen=True, slots=True)
class StageOptions:
    """What the stages are asked for; zero, None and empty mean the service's own setting."""

    language: str = ""
    model: str = ""
    sample_rate_hertz: int = 0
    noise_reduction: NoiseReduction | None = None
    reference: Path | None = None
    """A recording of the voice that is wanted."""
    min_clip_seconds: float = 0.0
    max_clip_seconds: float = 0.0

    def for_run(self, reference_audio_uri: str) -> RunOptions:
        """Returns the options of a pipeline run."""
        return RunOptions(
            language_code=self.language,
            model=self.model,
            sample_rate_hertz=self.sample_rate_hertz,
            noise_reduction=self.noise_reduction.value if self.noise_reduction else "",
            min_clip_seconds=self.min_clip_seconds,
            max_clip_seconds=self.max_clip_seconds,
            reference_audio_uri=reference_audio_uri,
        )

    def for_preparation(
        self, recording_id: str, audio_uri: str, reference_audio_uri: str
    ) -> qc.PrepareAudioRequest:
        """Returns the request that prepares one recording."""
        return qc.PrepareAudioRequest(
            recording_id=recording_id,
            audio_uri=audio_uri,
            sample_rate_hertz=self.sample_rate_hertz,
            noise_reduction=NOISE_REDUCTIONS[self.noise_reduction],
            min_clip_seconds=self.min_clip_seconds,
            max_clip_seconds=self.max_clip_seconds,
            reference_audio_uri=reference_audio_uri,
        )
