"""What guilds and people have chosen, in a key-value bucket that all replicas share."""
