"""What a voice is cloned from: files and links that are taken, and those that are refused."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from bot.cloning.attachments import MEBIBYTE
from services.decoding.mono import decode_mono
from tests.bot_cloning import agreed, is_made, recording, voice_ids
from tests.bot_in_a_world import a_bot
from tests.discord_double.messages import File
from tests.discord_double.world import a_world
from tests.voice_service import RATE, talk, wav


async def encoded(*arguments: str | Path) -> None:
    """Runs ffmpeg."""
    command = ("ffmpeg", "-hide_banner", "-loglevel", "error", *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("name", "format_", "subtype"),
    [
        ("me.wav", "WAV", "PCM_24"),
        ("me.mp3", "MP3", None),
        ("me.flac", "FLAC", None),
        ("me.ogg", "OGG", "VORBIS"),
        ("voice-message.ogg", "OGG", "OPUS"),
    ],
)
async def test_what_people_record_with_is_taken(
    tmp_path: Path, name: str, format_: str, subtype: str | None
) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        alice = world.guild.alice
        file = File(name, recording(format_, subtype))
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        assert question.is_ephemeral
        await question.until(is_made)
        assert len(await voice_ids(here)) == 1


async def test_an_m4a_of_a_phone_is_taken(tmp_path: Path) -> None:
    source, target = tmp_path / "me.wav", tmp_path / "me.m4a"
    source.write_bytes(recording())
    await encoded("-i", source, "-c:a", "aac", target)
    async with a_world() as world, a_bot(world, tmp_path, decode=decode_mono):
        alice = world.guild.alice
        file = File("me.m4a", target.read_bytes())
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        await question.until(is_made)


async def test_the_recording_may_be_in_the_message_that_is_replied_to(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        town = world.guild
        before = await town.alice.say("listen", files=[File("me.wav", recording())])
        asked = await town.alice.say("!clone Ada", reply_to=before)
        await (await agreed(town.alice, asked)).until(is_made)


async def test_what_somebody_else_sent_is_not_cloned(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        town = world.guild
        bobs = await town.bob.say("listen", files=[File("me.wav", recording())])
        asked = await town.alice.say("!clone Bob", reply_to=bobs)
        assert "sent by somebody else" in (await asked.answer()).content


async def test_without_a_recording_it_is_told_how(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        asked = await world.guild.alice.say("!clone Ada")
        assert "Attach a recording" in (await asked.answer()).content


async def test_a_file_of_200_mb_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        alice = world.guild.alice
        file = File("long.wav", b"RIFF", claimed_bytes=200 * MEBIBYTE)
        answer = await (await alice.slash("clone file", name="Ada", file=file)).answer()
        assert answer.content.startswith("That file is too large (200 MB; at most 25 MB)")
        assert not world.cdn.fetched


async def test_a_file_that_is_longer_than_discord_says_is_not_read_to_its_end(
    tmp_path: Path,
) -> None:
    async with a_world() as world, a_bot(world, tmp_path, max_clip_bytes=100_000):
        alice = world.guild.alice
        file = File("long.wav", recording(), claimed_bytes=1000)
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        await question.until(lambda message: "too large" in message.content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.wav", b"This is a text that somebody renamed.", "That is no sound file"),
        ("short.wav", wav(talk(300, seconds=0.2, gap_seconds=0.0)), "0.2 s"),
        ("silence.wav", wav(np.zeros(8 * RATE, np.float32)), "It is silent"),
    ],
)
async def test_what_is_no_speech_is_refused_with_the_reason_and_leaves_nothing(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        alice = world.guild.alice
        file = File(name, content)
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        await question.until(lambda message: "Nothing was kept" in message.content)
        assert words in question.content
        assert await voice_ids(here) == []
        async for consent in here.services.consents.consents():
            assert consent.HasField("withdraw_time")


async def test_a_video_is_refused(tmp_path: Path) -> None:
    source, target = tmp_path / "me.wav", tmp_path / "me.mp4"
    source.write_bytes(recording())
    picture = ("-f", "lavfi", "-i", "color=c=blue:s=64x64:r=5:d=8")
    await encoded("-i", source, *picture, "-c:v", "mpeg4", "-c:a", "aac", "-shortest", target)
    async with a_world() as world, a_bot(world, tmp_path, decode=decode_mono):
        alice = world.guild.alice
        file = File("me.mp4", target.read_bytes())
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        await question.until(lambda message: "That is a video" in message.content)


@pytest.mark.parametrize(
    "link",
    [
        "http://192.168.0.1/me.wav",
        "https://127.0.0.1/me.wav",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:50057/me.wav",
        "https://example.org/me.wav",
        "http://cdn.discordapp.com/attachments/1/2/me.wav",
        "https://cdn.discordapp.com:8443/attachments/1/2/me.wav",
        "https://cdn.discordapp.com@10.0.0.1/me.wav",
        "https://cdn.discordapp.com.example.org/me.wav",
        "file:///etc/passwd",
    ],
)
async def test_a_link_to_anywhere_but_discord_is_refused(tmp_path: Path, link: str) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        asked = await world.guild.alice.say(f"!clone Ada {link}")
        assert "I only fetch files from Discord itself" in (await asked.answer()).content


async def test_a_link_to_discord_itself_is_fetched(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        town = world.guild
        before = await town.alice.say("listen", files=[File("me.wav", recording())])
        link = before.payload()["attachments"][0]["url"]
        asked = await town.alice.say(f"!clone Ada {link}")
        question = await agreed(town.alice, asked)
        await question.until(is_made)
        assert "**Ada**" in question.content
