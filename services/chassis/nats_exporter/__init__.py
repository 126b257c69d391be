"""What NATS tells of itself, as Prometheus reads it: `python -m services.chassis.nats_exporter`.

A NATS server answers in JSON and has no /metrics. The names and labels here are those of the
official exporter, so that natsio/prometheus-nats-exporter can take this one's place:
`-varz -healthz -jsz=all http://nats:8222`.
"""
