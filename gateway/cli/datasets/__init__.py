"""`tts-trainer datasets`, and a dataset as a folder."""
