"""Why an embedded stack cannot run."""


class StackError(Exception):
    """The stack, or a part of it, does not run; the message says why and what to do."""
