"""The double's chat: messages, files, slash commands, buttons, menus and forms with discord.py."""

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest

from tests.discord_double.chat_bot import ChatBot
from tests.discord_double.files import File
from tests.discord_double.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@pytest.fixture(autouse=True)
async def bot(world: World) -> AsyncIterator[ChatBot]:
    client = ChatBot(world)
    async with world.running(client):
        yield client


async def test_a_message_and_a_slash_command_are_answered_alike(world: World) -> None:
    alice = world.guild.alice
    said = await alice.say("!echo hello 2")
    clicked = await alice.slash("echo", text="hello", times=2)
    for asked in (said, clicked):
        answer = await asked.answer()
        assert answer.text == "hello hello"
        assert not answer.is_ephemeral
        assert asked.acknowledged
    assert (await said.answer()).reply_to is said


async def test_only_slash_commands_are_answered_in_private(world: World) -> None:
    asked = await world.guild.alice.slash("echo", text="hi", loud=True)
    assert (await asked.answer()).is_ephemeral
    answer = await (await world.guild.bob.say("!echo hi 1 true")).answer()
    assert (answer.text, answer.is_ephemeral) == ("HI", False)


async def test_options_take_members_channels_and_numbers(world: World) -> None:
    town = world.guild
    carol = town.add_person("carol", nickname="Caro")
    asked = await town.alice.slash("who", member=carol, channel=town.lounge, rate=1.5)
    assert (await asked.answer()).text == "Caro in lounge at 1.5"


async def test_the_form_refuses_what_discord_would(world: World) -> None:
    for wrong in ({}, {"text": 3}, {"text": "x", "times": "two"}, {"text": "x", "unknown": 1}):
        with pytest.raises(AssertionError):
            await world.guild.alice.slash("echo", **wrong)
    with pytest.raises(AssertionError, match="no /nothing"):
        await world.guild.alice.slash("nothing")


async def test_files_go_both_ways(world: World) -> None:
    file = File("me.wav", b"abc")
    said = await world.guild.alice.say("!size", files=[file])
    clicked = await world.guild.alice.slash("size", file=file)
    for asked in (said, clicked):
        answer = await asked.answer()
        assert answer.text == "me.wav 3 3"
        assert answer.files == [File("back.bin", b"cba")]
    assert len(world.cdn.fetched) == 2


async def test_a_file_may_claim_another_size(world: World) -> None:
    file = File("me.wav", b"abc", claimed_bytes=200 << 20)
    answer = await (await world.guild.alice.say("!size", files=[file])).answer()
    assert answer.text == f"me.wav {200 << 20} 3"


async def test_values_are_offered_while_somebody_types(world: World) -> None:
    assert await world.guild.alice.complete("voice", "name", "jo") == ["joe", "johanna"]
    with pytest.raises(AssertionError, match="no autocomplete"):
        await world.guild.alice.complete("echo", "text", "jo")


async def test_subcommands_are_reached_by_their_words(world: World) -> None:
    assert (await (await world.guild.alice.slash("words add", word="x")).answer()).text == "added x"
    assert (await (await world.guild.alice.say("!words add y")).answer()).text == "added y"


async def test_buttons_change_their_message_or_answer_besides(world: World) -> None:
    alice = world.guild.alice
    question = await (await alice.slash("ask")).answer()
    assert question.buttons == ["Yes", "Later", "Why"]
    later = await alice.press(question, "Later")
    assert [(await later.answer(number)).text for number in (0, 1)] == ["Now.", "And again."]
    assert (await later.answer()).is_ephemeral
    with pytest.raises(AssertionError, match="disabled"):
        await alice.press(question, "Never")
    pressed = await alice.press(question, "Yes")
    assert await pressed.answer() is question
    assert (question.text, question.buttons, question.history) == ("It is.", [], ["Sure?"])


async def test_a_menu_and_a_form_are_filled_in(world: World) -> None:
    alice = world.guild.alice
    question = await (await alice.say("!ask")).answer()
    assert (await (await alice.choose(question, "Blue")).answer()).text == "Blue!"
    asked = await alice.press(question, "Why")
    assert (await (await alice.submit(asked, reason="I can")).answer()).text == "Because I can."


async def test_replies_edits_reactions_and_private_messages_are_there(world: World) -> None:
    town = world.guild
    sound = await town.bob.say("listen", files=[File("b.wav", b"1")], in_=town.random)
    quoted = await town.alice.say("!quoted", in_=town.random, reply_to=sound)
    assert (await quoted.answer()).text == "bob: b.wav"
    asked = await town.alice.say("!progress")
    answer = await (await asked.answer()).until(lambda message: message.text == "100 %")
    assert answer.history == ["0 %"]
    assert asked.reactions == ["\N{EYES}"]
    await town.alice.say("!whisper")
    await world.bell.until(lambda: town.alice.direct, "private message")
    assert [message.text for message in town.alice.direct] == ["psst"]


async def test_a_late_answer_finds_no_interaction(world: World, bot: ChatBot) -> None:
    world.interaction_seconds = 0.0
    asked = await world.guild.alice.slash("echo", text="hello")
    await world.bell.until(
        lambda: [one.status for one in world.requests if "callback" in one.path] == [404],
        "late answer",
    )
    assert not asked.acknowledged


async def test_requests_are_limited_broken_and_forbidden_on_demand(world: World) -> None:
    alice, path = world.guild.alice, "/channels/*/messages"
    world.faults.rate_limit("POST", path, times=2, retry_after_seconds=0.05)
    world.faults.rate_limit("POST", path, retry_after_seconds=0.05, everywhere=True)
    await (await alice.say("!echo a")).answer()
    world.faults.fail("POST", path, status=502)
    await (await alice.say("!echo b")).answer()
    world.faults.forbid("POST", path)
    refused = await alice.say("!echo c")
    sent = [one for one in world.requests if one.path.endswith("/messages")]
    await world.bell.until(
        lambda: [one for one in world.requests if one.status == 403], "refused request"
    )
    assert [one.status for one in sent] == [429, 429, 429, 200, 502, 200]
    assert not refused.answers


async def test_where_the_bot_may_not_write_it_is_told(world: World) -> None:
    town = world.guild
    for denied in ({"send_messages": False}, {"view_channel": False}):
        await town.allow(town.bot, town.random, discord.PermissionOverwrite(**denied))
        await town.alice.say("!echo a", in_=town.random)
    await world.bell.until(
        lambda: [one.status for one in world.requests].count(403) == 2, "two refusals"
    )
    await asyncio.sleep(0)
    assert not [one for one in world.journal.of(town.random) if one.author is world.bot]
