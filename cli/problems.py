"""What ends a command before it has done what it is for."""


class Problem(Exception):
    """The command line or the configuration is wrong; the text says what to do, and holds no secret."""

    exit_code = 2


class Refused(Problem):
    """The other side refuses, or does not answer."""

    exit_code = 1
