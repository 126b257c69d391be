"""Media: turns whatever a person drops into recordings and lossless audio."""
