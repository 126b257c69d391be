"""The pipeline service: leads recordings through every stage to a dataset."""
