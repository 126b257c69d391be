"""Kinds of values that a person can choose: how each is typed, shown and stored."""
