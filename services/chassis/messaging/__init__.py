"""JetStream behind the protocols of `bus` and `key_value`."""
