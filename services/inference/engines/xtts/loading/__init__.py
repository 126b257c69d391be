"""From a folder to an XTTS that is ready: its weights, its tokens, and the voices it clones."""
