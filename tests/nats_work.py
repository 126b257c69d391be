"""What each service does for runs: its queue methods, with the messages of each."""

from dataclasses import dataclass

from google.protobuf.message import Message

from ttstrainer.audio_qc.v1 import audio_qc_events_pb2, audio_qc_service_pb2
from ttstrainer.dataset.v1 import dataset_events_pb2, dataset_service_pb2
from ttstrainer.media.v1 import media_events_pb2, media_service_pb2
from ttstrainer.transcription.v1 import transcription_events_pb2, transcription_service_pb2


@dataclass(frozen=True, slots=True)
class Job:
    """A method, and the user whose service works on it."""

    user: str
    method: str
    request: type[Message]
    event: type[Message]


MEDIA = "ttstrainer.media.v1.MediaService"
AUDIO_QC = "ttstrainer.audio_qc.v1.AudioQcService"
TRANSCRIPTION = "ttstrainer.transcription.v1.TranscriptionService"
DATASET = "ttstrainer.dataset.v1.DatasetService"

JOBS = (
    Job(
        "media",
        f"{MEDIA}.ProbeMedia",
        media_service_pb2.ProbeMediaRequest,
        media_events_pb2.MediaProbed,
    ),
    Job(
        "media",
        f"{MEDIA}.ExtractAudio",
        media_service_pb2.ExtractAudioRequest,
        media_events_pb2.AudioExtracted,
    ),
    Job(
        "audio-qc",
        f"{AUDIO_QC}.PrepareAudio",
        audio_qc_service_pb2.PrepareAudioRequest,
        audio_qc_events_pb2.AudioPrepared,
    ),
    Job(
        "transcription",
        f"{TRANSCRIPTION}.TranscribeAudio",
        transcription_service_pb2.TranscribeAudioRequest,
        transcription_events_pb2.AudioTranscribed,
    ),
    Job(
        "transcription",
        f"{TRANSCRIPTION}.VerifyTranscript",
        transcription_service_pb2.VerifyTranscriptRequest,
        transcription_events_pb2.TranscriptVerified,
    ),
    Job(
        "dataset",
        f"{DATASET}.BuildDataset",
        dataset_service_pb2.BuildDatasetRequest,
        dataset_events_pb2.DatasetBuilt,
    ),
)
