"""`tts-trainer inference`: a text becomes speech."""
