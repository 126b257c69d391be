"""Tortoise as coqui-tts has it: slow, English, clones voices, a whole utterance at a time."""
