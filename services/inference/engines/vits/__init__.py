"""VITS: voices that speak a whole sentence in one pass, fast enough for a CPU."""
