"""The inference service: texts in, speech out."""
