"""Writes down what is said in clips, and says how far each text can be trusted."""
