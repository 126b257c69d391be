"""`tts-trainer consents`: who agreed to what."""
