"""`tts-trainer doctor` and what it looks at."""
