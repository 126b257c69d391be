"""The whole stack on one machine without containers: real NATS, real services, one local store."""
