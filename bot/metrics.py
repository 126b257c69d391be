"""What Prometheus hears of the bot; every series is there from the start, commands aside."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

COMPLETE: Final = "complete"
SKIPPED: Final = "skipped"
FAILED: Final = "failed"
DROPPED: Final = "dropped"
"""Not begun: cleared, or the bot left or was sent out of the channel."""
OUTCOMES: Final = (COMPLETE, SKIPPED, FAILED, DROPPED)

AT_ONCE: Final = "at_once"
QUEUED: Final = "queued"
"""Something else was spoken when the message came."""
TURNS: Final = (AT_ONCE, QUEUED)

CONNECTED: Final = "connected"
LOST: Final = "lost"
CONNECTS: Final = (CONNECTED, FAILED, LOST)

FIRST_PACKET: Final = Histogram(
    "ttstrainer_bot_first_packet_seconds",
    "From the arrival of a message to its first packet of speech, by its turn.",
    ["turn"],
    buckets=(0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 120),
)
UNDERRUNS: Final = Counter(
    "ttstrainer_bot_underruns", "Speech that was not there when it was to be heard."
)
WAITING_ITEMS: Final = Gauge(
    "ttstrainer_bot_waiting_items", "Messages in the queues of all guilds."
)
ITEMS: Final = Counter("ttstrainer_bot_items", "Messages that were taken, by how.", ["outcome"])
AUDIO_SECONDS: Final = Counter("ttstrainer_bot_audio_seconds", "Duration of the speech sent.")
VOICE_CONNECTIONS: Final = Gauge(
    "ttstrainer_bot_voice_connections", "Voice channels that the bot is in."
)
VOICE_CONNECTS: Final = Counter(
    "ttstrainer_bot_voice_connects", "Joins of voice channels, and their losses.", ["outcome"]
)
COMMANDS: Final = Counter(
    "ttstrainer_bot_commands",
    "Commands that people gave, by how they ended.",
    ["command", "outcome"],
)
GUILDS: Final = Gauge("ttstrainer_bot_guilds", "Guilds that the bot is a member of.")
GATEWAY_CONNECTED: Final = Gauge(
    "ttstrainer_bot_gateway_connected", "1 while Discord's gateway is connected, else 0."
)
GATEWAY_LATENCY_SECONDS: Final = Gauge(
    "ttstrainer_bot_gateway_latency_seconds", "Round trip of the gateway's last heartbeat."
)

for _outcome in OUTCOMES:
    ITEMS.labels(_outcome)
for _outcome in CONNECTS:
    VOICE_CONNECTS.labels(_outcome)
for _turn in TURNS:
    FIRST_PACKET.labels(_turn)
