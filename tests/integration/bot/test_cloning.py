"""A voice of one's own: asked for, agreed to, made, renamed, deleted."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bot.cloning.attachments import MEBIBYTE
from bot.ownership import owner_of
from bot.state.model import GuildSettings
from services.decoding.mono import decode_mono
from tests.bot_in_a_world import BotHere, a_bot
from tests.discord_double.interactions import Interaction
from tests.discord_double.messages import File, Message
from tests.discord_double.people import Person
from tests.discord_double.world import a_world
from tests.eventually import eventually
from tests.voice_service import RATE, talk, wav

AGREE = "I agree, it is my voice"
SOUND = talk(300, 300)


def recording(format_: str = "WAV", subtype: str | None = None) -> bytes:
    """Returns nine seconds of one speaker."""
    file = io.BytesIO()
    soundfile.write(file, SOUND, RATE, format=format_, subtype=subtype)
    return file.getvalue()


async def encoded(*arguments: str | Path) -> None:
    """Runs ffmpeg."""
    command = ("ffmpeg", "-hide_banner", "-loglevel", "error", *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


async def agreed(person: Person, asked: Message | Interaction) -> Message:
    """Presses the button; returns the message that the answer comes in."""
    question = await asked.answer()
    assert question.buttons == [AGREE, "No"], question.content
    await person.press(question, AGREE)
    return question


def is_made(message: Message) -> bool:
    """Says whether it tells of a voice."""
    return "is your voice now" in message.content


async def voice_ids(here: BotHere) -> list[str]:
    """Returns the ids of the voices that members have cloned."""
    ids = [voice.voice_id async for voice in here.services.voices.voices()]
    return [voice_id for voice_id in ids if owner_of(voice_id)]


async def test_a_member_is_asked_and_then_has_a_voice_and_hears_it(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        asked = await town.alice.say("!clone Ada the First", files=[File("me.wav", recording())])
        question = await agreed(town.alice, asked)
        await question.until(is_made)
        assert "**Ada the First** is your voice now" in question.content
        assert question.files[0].name == "preview.wav"
        assert not question.buttons
        assert any("Cloning your voice" in text for text in question.history)
        (voice_id,) = await voice_ids(here)
        assert owner_of(voice_id) == (town.id, town.alice.id)
        assert here.book.member(town.id, town.alice.id).voice_id == voice_id
        voice = await here.services.voices.get(voice_id)
        consent = await here.services.consents.get(voice.consent_id)
        statement = consent.evidence.statement
        assert "synthetic voice is cloned" in statement
        for fact in (town.alice.id, town.id, question.id):
            assert str(fact) in statement
        assert str(town.alice.id) in consent.speaker_name
        assert not list(tmp_path.rglob("recording"))


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


async def test_only_the_one_who_asked_can_agree(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        asked = await town.alice.say("!clone Ada", files=[File("me.wav", recording())])
        question = await asked.answer()
        refused = await (await town.bob.press(question, AGREE)).answer()
        assert refused.is_ephemeral
        assert "Only the person whose voice it is" in refused.content
        await town.alice.press(question, "No")
        await question.until(lambda message: "nothing was kept" in message.content)
        assert not question.buttons
        assert await voice_ids(here) == []
        assert here.services.consent_service.store.objects == {}


async def test_a_question_that_nobody_answers_is_no_consent(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path, consent_seconds=0.2) as here:
        asked = await world.guild.alice.say("!clone Ada", files=[File("me.wav", recording())])
        question = await asked.answer()
        await question.until(lambda message: "Nobody answered" in message.content)
        assert not question.buttons
        assert await voice_ids(here) == []


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


async def test_where_the_service_does_not_answer_nothing_is_left_behind(tmp_path: Path) -> None:
    async def decode_in_an_hour(source: Path, target: Path, *, max_seconds: float) -> None:
        await asyncio.sleep(3600)

    async with (
        a_world() as world,
        a_bot(world, tmp_path, decode=decode_in_an_hour, answer_seconds=0.5) as here,
    ):
        alice = world.guild.alice
        file = File("me.wav", recording())
        question = await agreed(alice, await alice.slash("clone file", name="Ada", file=file))
        await question.until(lambda message: "does not answer" in message.content)
        assert "Nothing was kept" in question.content
        (consent,) = [each async for each in here.services.consents.consents()]
        assert consent.HasField("withdraw_time")
        assert await voice_ids(here) == []


async def test_own_voices_are_renamed_and_deleted_with_their_consents(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path) as here:
        town = world.guild
        none = await (await town.bob.slash("delete")).answer()
        assert "no voice of your own" in none.content
        asked = await town.alice.say("!clone Ada", files=[File("me.wav", recording())])
        await (await agreed(town.alice, asked)).until(is_made)
        (voice_id,) = await voice_ids(here)
        consent_id = (await here.services.voices.get(voice_id)).consent_id
        renamed = await (await town.alice.say("!rename Ada Lovelace")).answer()
        assert renamed.content == "Your voice is now called **Ada Lovelace**."
        for name in ("Ada Lovelace", voice_id):
            foreign = await (await town.bob.slash("delete", voice=name)).answer()
            assert "no voice of your own" in foreign.content
        deleted = await (await town.alice.slash("delete", voice="ada lovelace")).answer()
        assert deleted.content == "**Ada Lovelace** is deleted, and your consent is withdrawn."
        assert await voice_ids(here) == []
        consent = await here.services.consents.get(consent_id)
        assert consent.HasField("withdraw_time")
        assert here.book.member(town.id, town.alice.id).voice_id == ""


async def test_voices_are_as_many_as_allowed_and_where_allowed(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path, max_own_voices=1) as here:
        town = world.guild
        asked = await town.alice.say("!clone Ada", files=[File("me.wav", recording())])
        await (await agreed(town.alice, asked)).until(is_made)
        refused = await town.alice.say("!clone Again", files=[File("me.wav", recording())])
        assert "which is as many as you may" in (await refused.answer()).content
        await here.book.change_guild(town.id, lambda _: GuildSettings(cloning=False))
        refused = await town.bob.say("!clone Bob", files=[File("me.wav", recording())])
        assert "not cloned in this server" in (await refused.answer()).content


async def test_one_question_at_a_time(tmp_path: Path) -> None:
    async with a_world() as world, a_bot(world, tmp_path):
        alice = world.guild.alice
        first = await alice.say("!clone Ada", files=[File("me.wav", recording())])
        question = await first.answer()
        second = await alice.say("!clone Ada", files=[File("me.wav", recording())])
        assert "One after the other" in (await second.answer()).content
        await alice.press(question, "No")
        await eventually(lambda: not question.buttons)
