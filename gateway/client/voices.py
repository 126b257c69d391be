"""What a client asks about voices."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.client.local_files import checked_file, chunks_of, wire_text
from gateway.client.retrying import Patience, patiently, translated
from gateway.client.sending import sending
from ttstrainer.inference.v1 import voice_service_pb2 as pb
from ttstrainer.inference.v1 import voice_service_pb2_grpc as rpc

PAGE_SIZE = 1000


class VoiceClient:
    """Clones, shows, changes, compares and deletes voices."""

    def __init__(
        self, stub: rpc.VoiceServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def create(self, header: pb.CreateVoiceHeader, clips: Sequence[Path]) -> pb.Voice:
        """Clones a voice from the audio files `clips`; never repeated.

        Raises:
            ServiceError: a file cannot be read, or the service refused.
        """
        for clip in clips:
            checked_file(clip)
        with translated(), sending(_messages(header, clips)) as sent:
            answer = await self._stub.CreateVoice(sent)
        return answer.voice

    async def get(self, voice_id: str) -> pb.Voice:
        """Returns a voice."""
        request = pb.GetVoiceRequest(voice_id=voice_id)
        return (await patiently(lambda: self._stub.GetVoice(request), self._patience)).voice

    async def voices(self) -> AsyncIterator[pb.Voice]:
        """Yields all voices."""
        token = ""
        while True:
            request = pb.ListVoicesRequest(page_size=PAGE_SIZE, page_token=token)
            page = await patiently(partial(self._stub.ListVoices, request), self._patience)
            for voice in page.voices:
                yield voice
            if not (token := page.next_page_token):
                return

    async def update(self, voice: pb.Voice, paths: Sequence[str]) -> pb.Voice:
        """Changes the fields `paths` of a voice, such as display_name, to what `voice` has."""
        request = pb.UpdateVoiceRequest(voice=voice, update_mask=FieldMask(paths=paths))
        return (await patiently(lambda: self._stub.UpdateVoice(request), self._patience)).voice

    async def delete(self, voice_id: str) -> int:
        """Removes a voice and all that was derived from it; returns how many objects that were."""
        request = pb.DeleteVoiceRequest(voice_id=voice_id)
        with translated():
            return (await self._stub.DeleteVoice(request)).removed_object_count

    async def compare(
        self, first: pb.VoiceSample, second: pb.VoiceSample
    ) -> pb.CompareVoicesResponse:
        """Says how alike two voices are."""
        request = pb.CompareVoicesRequest(first=first, second=second)
        return await patiently(lambda: self._stub.CompareVoices(request), self._patience)

    async def preview(self, voice_id: str, text: str = "") -> bytes:
        """Returns a WAV file with a few seconds of a voice."""
        request = pb.PreviewVoiceRequest(voice_id=voice_id, text=text)
        return (await patiently(lambda: self._stub.PreviewVoice(request), self._patience)).audio


async def _messages(
    header: pb.CreateVoiceHeader, clips: Sequence[Path]
) -> AsyncGenerator[pb.CreateVoiceRequest, None]:
    """Yields the header, then each clip with its name."""
    yield pb.CreateVoiceRequest(header=header)
    for clip in clips:
        yield pb.CreateVoiceRequest(clip_name=wire_text(clip.name))
        async with aclosing(chunks_of(clip)) as chunks:
            async for chunk in chunks:
                yield pb.CreateVoiceRequest(chunk=chunk)
