"""Makes an S3 server ready: the bucket, the credentials, and the proof that they allow no more."""
