"""How a member's own voice is cloned: the file, the question, the voice."""
