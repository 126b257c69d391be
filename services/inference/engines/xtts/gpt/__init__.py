"""Decoding of the XTTS GPT: many utterances at once, each as if it were alone."""
