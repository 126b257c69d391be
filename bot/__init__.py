"""The Discord bot: speaks in voice channels with the voices of the inference service."""
