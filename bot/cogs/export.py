"""Speech as a file."""

import io
from typing import Final, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.commanding import command
from bot.deadline import within
from bot.refusing import RefusedError
from bot.request import Request
from bot.services import Surroundings
from bot.speech.inference import speech_options
from bot.turns import Turns
from ttstrainer.inference.v1 import inference_service_pb2 as pb

Format = Literal["ogg", "mp3", "wav", "flac"]
FORMATS: Final = {
    "ogg": pb.FILE_FORMAT_OGG_OPUS,
    "mp3": pb.FILE_FORMAT_MP3,
    "wav": pb.FILE_FORMAT_WAV,
    "flac": pb.FILE_FORMAT_FLAC,
}


class Export(commands.Cog, name="Files"):
    """Take what I say with you."""

    def __init__(self, around: Surroundings) -> None:
        """Asks the inference service for whole files."""
        self._around = around
        self._turns = Turns()

    @command()
    @app_commands.describe(text="What I am to say", format="The kind of file; ogg by default")
    async def tts(
        self,
        ctx: Request,
        format: Format | None = None,  # noqa: A002 - what the option is called
        *,
        text: str,
    ) -> None:
        """Get what you write as a file, spoken by your voice: ogg, mp3, wav or flac."""
        await ctx.acknowledge()
        order = self._around.saying.order(ctx.member, text, ctx.message)
        kind = format or "ogg"
        request = pb.SynthesizeSpeechRequest(
            text=order.text, options=speech_options(order), file_format=FORMATS[kind]
        )
        request.options.priority = pb.PRIORITY_BULK
        with self._turns.of(ctx.member):
            async with within(self._around.settings.answer_seconds):
                audio = (await self._around.inference.synthesize(request)).audio
        if len(audio) > ctx.home.filesize_limit:
            raise RefusedError("That would be too large a file for this server. Say less at once.")
        await ctx.tell("", file=discord.File(io.BytesIO(audio), filename=f"speech.{kind}"))
