"""Where audio goes while it is made: into a file, to a player, or both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.cli.speech.player import Player, play_file, playing
from gateway.cli.speech.wave_file import WaveFile
from ttstrainer.inference.v1.inference_service_pb2 import AudioFormat

Write = Callable[[bytes], Awaitable[None]]


@asynccontextmanager
async def audio_sinks(
    form: AudioFormat, output: Path | None, player: Player | None
) -> AsyncIterator[Write]:
    """Gives what takes samples; at the end the file is complete, and all was heard.

    Raises:
        OSError: the file cannot be written.
        CommandError: the player cannot play.
    """
    comment = f"Synthetic speech: voice {form.voice_id}, model {form.model}, made by tts-trainer"
    at_once = player if player is not None and player.from_pipe else None
    afterwards = player if at_once is None else None
    async with AsyncExitStack() as around:
        if output is None and afterwards is not None:
            folder = around.enter_context(TemporaryDirectory(prefix="tts-trainer-"))
            output = Path(folder) / "speech.wav"
        async with AsyncExitStack() as during:
            playback = None
            if at_once is not None:
                playing_now = playing(at_once, form.sample_rate_hertz)
                playback = await during.enter_async_context(playing_now)
            file = None
            if output is not None:  # entered last, so complete before the last of it was heard
                file = during.enter_context(WaveFile(output, form.sample_rate_hertz, comment))

            async def write(pcm: bytes) -> None:
                if file is not None:
                    await asyncio.to_thread(file.write, pcm)
                if playback is not None:
                    await playback.write(pcm)

            yield write
        if output is not None and afterwards is not None:
            await play_file(afterwards, output)
