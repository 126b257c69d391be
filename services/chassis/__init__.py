"""What every service stands on. It knows no audio and no schema of ours.

What services use lies here: `errors` and `settings`; `artifacts`, `blobs` and `steps` for what is
kept; `bus`, `work` and `key_value` for what is said; `service` for the life of a process, `channel`
for calls to others. Behind it, in rooms of their own: `storage` (a directory, S3), `messaging`
(JetStream), `queue_worker` (the work loop), `rpc` (guards, rich errors, security) and `process`.
"""
