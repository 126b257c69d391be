"""The adapters of the artifact store: a directory, and any S3 endpoint."""
