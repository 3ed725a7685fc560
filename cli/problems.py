"""What ends a command before it has done anything."""


class Problem(Exception):
    """The command line or the configuration is wrong; the text says what to do, and holds no secret."""
