"""Who is heard when, and in which channel."""
