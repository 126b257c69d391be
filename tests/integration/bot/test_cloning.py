"""A voice of one's own: asked for, agreed to, made, renamed, deleted."""

import asyncio
from pathlib import Path

import pytest

from bot.ownership import owner_of
from bot.state.model import GuildSettings
from tests.bot_cloning import AGREE, agreed, is_made, recording, voice_ids
from tests.bot_in_a_world import a_bot
from tests.discord_double.messages import File, Message
from tests.discord_double.people import Person
from tests.discord_double.world import a_world
from tests.eventually import eventually


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
        await eventually(lambda: here.book.member(town.id, town.alice.id).voice_id == voice_id)
        voice = await here.services.voices.get(voice_id)
        consent = await here.services.consents.get(voice.consent_id)
        statement = consent.evidence.statement
        assert "synthetic voice is cloned" in statement
        for fact in (town.alice.id, town.id, question.id):
            assert str(fact) in statement
        assert str(town.alice.id) in consent.speaker_name
        await eventually(lambda: not list(tmp_path.rglob("recording")))


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
        await eventually(lambda: here.book.member(town.id, town.alice.id).voice_id)
        refused = await town.alice.say("!clone Again", files=[File("me.wav", recording())])
        assert "which is as many as you may" in (await refused.answer()).content
        await here.book.change_guild(town.id, lambda _: GuildSettings(cloning=False))
        refused = await town.bob.say("!clone Bob", files=[File("me.wav", recording())])
        assert "not cloned in this server" in (await refused.answer()).content


@pytest.mark.parametrize("way", ["written", "slashed"])
async def test_one_question_at_a_time(tmp_path: Path, way: str) -> None:
    file = File("me.wav", recording())

    async def ask(person: Person) -> Message:
        if way == "written":
            return await (await person.say("!clone Ada", files=[file])).answer()
        return await (await person.slash("clone file", name="Ada", file=file)).answer()

    async with a_world() as world, a_bot(world, tmp_path):
        alice = world.guild.alice
        question = await ask(alice)
        for _ in range(2):
            assert "One after the other" in (await ask(alice)).content
        await alice.press(question, "No")
        await eventually(lambda: not question.buttons)
