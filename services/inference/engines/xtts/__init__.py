"""XTTS: token by token from a text, and from the tokens exactly the audio coqui-tts would make."""
