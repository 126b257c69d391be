"""What every service stands on; it knows no audio and no schema."""
