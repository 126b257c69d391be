"""`tts-trainer voices`: who can speak."""
