"""The `tts-trainer` command: a command is a few client calls and one rendering."""
