"""The demo: sample videos run to a dataset, and a voice that speaks; both are checked."""
