"""The sound itself: channels, loudness, noise, on disk and in windows."""
