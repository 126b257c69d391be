"""Speech that is asked for and comes as it is made."""
