"""What the bot is told when the command runs it, and what its log tells."""

import json
from pathlib import Path

from gateway.embedded.bot import BotPlan, Welcome, refusal_in, welcome_in
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import ServicePorts
from gateway.services import BOT

PLAN = BotPlan(
    DataFolder(Path("/data")),
    "secret",
    {"inference": "127.0.0.1:20001", "dataset": "127.0.0.1:20002"},
    "nats://127.0.0.1:20003",
    ServicePorts(BOT, 20004, 20005),
)


def test_the_bot_knows_its_token_its_services_and_its_nats() -> None:
    told = PLAN.environment({"PATH": "/bin", "DISCORD_TOKEN": "another"})
    assert told["TTSTRAINER_BOT_TOKEN"] == PLAN.token
    assert "DISCORD_TOKEN" not in told
    assert told["TTSTRAINER_BOT_INFERENCE_ADDRESS"] == "127.0.0.1:20001"
    assert told["TTSTRAINER_BOT_DATASET_ADDRESS"] == "127.0.0.1:20002"
    assert told["TTSTRAINER_NATS_URL"] == "nats://127.0.0.1:20003"
    assert (told["TTSTRAINER_BOT_PORT"], told["TTSTRAINER_BOT_METRICS_PORT"]) == ("20004", "20005")
    assert told["PATH"] == "/bin"


def test_settings_of_servers_elsewhere_reach_the_bot_only_where_it_uses_them() -> None:
    inherited = {
        "TTSTRAINER_BEARER_TOKEN": "sesame",
        "TTSTRAINER_BOT_SERVER_CA_FILE": "/ca.pem",
        "TTSTRAINER_NATS_USER": "bot",
    }
    told = PLAN.environment(inherited)
    assert told["TTSTRAINER_BOT_SERVER_CA_FILE"] == ""
    assert not {"TTSTRAINER_BEARER_TOKEN", "TTSTRAINER_NATS_USER"} & told.keys()


def test_the_plan_does_not_show_the_token() -> None:
    assert "secret" not in repr(PLAN)


def test_the_last_welcome_counts() -> None:
    assert welcome_in([]) is None
    said = [
        {"event": "service.started"},
        {"event": "discord.ready", "guild_count": 0, "invitation": "https://a"},
        {"event": "discord.ready", "guild_count": 2, "invitation": "https://b"},
        {"event": "guild.joined", "guild_id": 1},
    ]
    assert welcome_in([json.dumps(line) for line in said]) == Welcome(2, "https://b")


def test_why_it_ended_is_its_last_line_where_that_is_for_people(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    assert refusal_in(log) == ""
    log.write_text('{"event": "service.started"}\nbot: Discord does not accept the token.\n')
    assert refusal_in(log) == "Discord does not accept the token."
    log.write_text('bot: an old line\n{"event": "service.failed"}\n')
    assert refusal_in(log) == ""
