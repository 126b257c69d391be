"""Who agreed to what: consents, their evidence, and what follows when one is withdrawn."""
