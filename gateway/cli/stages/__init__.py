"""The commands of single stages, and what they leave for each other."""
