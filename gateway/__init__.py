"""What people use: the command line, the client it is built on, and the embedded stack."""
