"""The gRPC server and channels: guards around every call, rich errors, security, drain."""
