"""What the contract suites share."""

from tests.support.moto_server import moto

__all__ = ["moto"]
