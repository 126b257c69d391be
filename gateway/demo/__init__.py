"""The demo: sample videos from recorded speech with known text, run to a dataset and checked."""
