"""The scripts that operations.md tells people to run, against a real NATS server."""

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.bus import StepContext
from services.chassis.key_value import KeyValue
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.queue_worker.dead_letters import JetStreamDeadLetterBox
from services.chassis.queue_worker.settling import failure_of_lost
from tests.jetstream_links import linked
from tests.servers import NatsServer

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "deploy/operations"
PAGE = ROOT / "docs/operations.md"
METHOD = "ttstrainer.media.v1.MediaService.ExtractAudio"


class GivenUp:
    """A request that nobody could do."""

    method = METHOD
    data = b"request"
    delivery_count = 20

    def __init__(self, run_id: str) -> None:
        self.headers = {"X": "y"}
        self.context = StepContext(run_id=run_id, step_id="step-1", attempt=1)


@pytest.fixture
async def link(own_nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(own_nats_server.url) as link:
        yield link


def script(name: str, server: NatsServer, *arguments: str, given: str = "") -> str:
    """Runs it as an operator does: through standard input, with nothing of ours but nats-py."""
    environment = {**os.environ, "TTSTRAINER_NATS_URL": server.url}
    command = [sys.executable, str(SCRIPTS / name), *arguments]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, input=given
    )
    return done.stdout


async def test_dead_letters_are_shown_with_their_reason_and_forgotten_when_told(
    own_nats_server: NatsServer, link: JetStreamLink
) -> None:
    box = JetStreamDeadLetterBox(link.jetstream)
    for run_id in ("run-1", "run-2"):
        await box.bury(GivenUp(run_id), failure_of_lost(METHOD, 20))

    shown = [json.loads(line) for line in script("dead_letters.py", own_nats_server).splitlines()]

    assert [each["run_id"] for each in shown] == ["run-1", "run-2"]
    assert shown[0]["method"] == METHOD
    assert shown[0]["deliveries"] == "20"
    assert shown[0]["failure"]["reason"] == "WORKER_LOST"

    script("dead_letters.py", own_nats_server, "--purge")

    assert script("dead_letters.py", own_nats_server) == ""


async def test_a_stream_that_never_had_a_dead_letter_shows_none(
    own_nats_server: NatsServer, link: JetStreamLink
) -> None:
    assert script("dead_letters.py", own_nats_server) == ""


async def test_runs_and_what_people_chose_of_the_bot_come_back_as_they_were(
    own_nats_server: NatsServer, link: JetStreamLink
) -> None:
    entries = {
        "runs": {"run.a": b'{"state": "running"}', "rec.a.b": bytes(range(256)), "active.a": b""},
        "bot": {"guild.1.settings": b'{"speed": 1.5}', "guild.1.ban.2": b"{}"},
    }
    for name, held in entries.items():
        bucket = await link.key_value(name)
        for key, value in held.items():
            await bucket.create(key, value)
        await bucket.create("removed", b"gone")
        await bucket.delete("removed")  # a marker stays in its place

    backup = script("state_backup.py", own_nats_server)
    for name in entries:
        await link.jetstream.delete_key_value(name)
        await link.key_value(name)
    script("state_backup.py", own_nats_server, "--restore", given=backup)

    assert {name: await content(await link.key_value(name)) for name in entries} == entries


async def test_a_server_without_runs_and_without_a_bot_has_an_empty_backup(
    own_nats_server: NatsServer, link: JetStreamLink
) -> None:
    await link.key_value("runs")

    assert script("state_backup.py", own_nats_server) == ""


async def test_what_the_bot_knew_waits_for_a_bot_to_be_restored(
    own_nats_server: NatsServer, link: JetStreamLink
) -> None:
    bucket = await link.key_value("bot")
    await bucket.create("guild.1.settings", b"{}")
    backup = script("state_backup.py", own_nats_server)
    await link.jetstream.delete_key_value("bot")

    with pytest.raises(subprocess.CalledProcessError) as refused:
        script("state_backup.py", own_nats_server, "--restore", given=backup)

    assert "start the Discord bot" in refused.value.stderr
    assert "Traceback" not in refused.value.stderr


def test_a_secret_is_rotated_even_where_the_shell_has_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    (tmp_path / ".env").write_text("INBOX=/drops\nS3_DROP_SECRET_KEY=old\n")
    (rotate,) = re.findall(r"^rotate\(\) .+$", PAGE.read_text(), re.MULTILINE)
    typed = f"set -a; . ./.env; {rotate}\nrotate S3_DROP_SECRET_KEY; printenv S3_DROP_SECRET_KEY"
    command = ["bash", "-c", typed]

    # Compose takes what is exported, and would go on with the old secret without a word.
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("", "")
    kept, rotated = (tmp_path / ".env").read_text().splitlines()
    assert kept == "INBOX=/drops"
    assert re.fullmatch(r"S3_DROP_SECRET_KEY=k\w{39}", rotated)


async def content(bucket: KeyValue) -> dict[str, bytes]:
    """Returns what a bucket holds."""
    found = [await bucket.get(key) for key in await bucket.keys()]
    return {entry.key: entry.value for entry in found if entry is not None}
