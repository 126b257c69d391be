"""The models in memory: loaded once, shared, replaced and unloaded."""
