"""What speaks: one folder for each family of models, all behind one protocol."""
