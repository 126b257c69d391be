"""`tts-trainer run-pipeline` and `tts-trainer runs`."""
