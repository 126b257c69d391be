"""`tts-trainer engines`: the models that speak."""
