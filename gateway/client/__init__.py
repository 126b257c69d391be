"""The Python client of the services, for the command and for the REST gateway."""
