"""Speech as a file: returned, or kept as an artifact."""


class Filing:
    def __init__(self, *a):
        pass
