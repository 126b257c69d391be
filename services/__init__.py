"""The services: each is one process with one subject. They meet only on the wire."""
