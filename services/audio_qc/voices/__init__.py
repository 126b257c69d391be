"""Who speaks: turns, overlap, speakers, and whose clips are kept."""
