"""Audio files out of streams of samples; each says in its tags that the speech is synthetic."""
