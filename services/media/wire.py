"""Between the contract's messages and this service's own words."""

from services.chassis.blobs import Blob
from services.media.contents import Contents, Kind, Stream
from services.media.quality import QualityWarning
from ttstrainer.media.v1 import media_service_pb2 as pb

METHODS = pb.DESCRIPTOR.services_by_name["MediaService"].methods_by_name
PROBE_MEDIA: str = METHODS["ProbeMedia"].full_name
EXTRACT_AUDIO: str = METHODS["ExtractAudio"].full_name

KINDS: dict[Kind, pb.StreamKind.ValueType] = {
    "video": pb.STREAM_KIND_VIDEO,
    "audio": pb.STREAM_KIND_AUDIO,
    "subtitle": pb.STREAM_KIND_SUBTITLE,
    "other": pb.STREAM_KIND_OTHER,
}


def recording_message(blob: Blob, display_name: str) -> pb.Recording:
    """Returns the message about a stored recording."""
    return pb.Recording(
        recording_id=blob.sha256,
        recording_uri=blob.uri,
        display_name=display_name,
        size_bytes=blob.size_bytes,
    )


def media_message(
    recording_id: str, contents: Contents, warnings: list[QualityWarning]
) -> pb.MediaInfo:
    """Returns the message about what a recording contains."""
    return pb.MediaInfo(
        recording_id=recording_id,
        container=contents.container,
        duration_seconds=contents.duration_seconds,
        bit_rate=contents.bit_rate,
        size_bytes=contents.size_bytes,
        streams=[_stream_message(stream) for stream in contents.streams],
        chapters=[
            pb.Chapter(
                start_seconds=chapter.start_seconds,
                end_seconds=chapter.end_seconds,
                title=chapter.title,
            )
            for chapter in contents.chapters
        ],
        warnings=[pb.MediaWarning(reason=each.reason, message=each.message) for each in warnings],
    )


def _stream_message(stream: Stream) -> pb.MediaStream:
    return pb.MediaStream(
        index=stream.index,
        kind=KINDS[stream.kind],
        codec=stream.codec,
        language_code=stream.language_code,
        title=stream.title,
        is_default=stream.is_default,
        duration_seconds=stream.duration_seconds,
        bit_rate=stream.bit_rate,
        sample_rate_hertz=stream.sample_rate_hertz,
        channel_count=stream.channel_count,
        bits_per_sample=stream.bits_per_sample,
        width_pixels=stream.width_pixels,
        height_pixels=stream.height_pixels,
        frames_per_second=stream.frames_per_second,
    )
