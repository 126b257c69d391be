"""What every service stands on; it knows no audio and no schema of ours.

- `service.run` is a whole service: settings, logs, metrics, NATS, store, gRPC, signals, drain.
- errors: one taxonomy for two transports. `rich_status` tells it over gRPC, `settling` on queues.
- settings, load_settings: one frozen class a service, one environment variable a field.
- rpc and its guards (rpc_log, rpc_errors, running_calls, auth, deadlines): around every RPC.
- server, tls, grpc_options, reflection: the gRPC server; channel: the client's side of it.
- artifacts, blobs, steps: content kept once, effects that happen once.
- bus, work, streams and their neighbours: facts as events, work as requests on queues.
- scratch, parent, tether: temporary files and child processes that end with their owner.
- healthcheck: `python -m services.chassis.healthcheck`, for containers and people.
"""
