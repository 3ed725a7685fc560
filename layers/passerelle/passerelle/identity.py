"""Tokens that the provider signed, judged with its keys: with newer ones when those at hand do not fit."""

from collections.abc import Callable
from typing import TypeVar

from passerelle import log
from passerelle.discovery import Keys
from passerelle.oidc.jws import KeyNotFound
from passerelle.oidc.metadata import Metadata
from passerelle.services import Services
from passerelle.settings import ASYMMETRIC_ALGORITHMS

Judged = TypeVar("Judged")
Judge = Callable[[Metadata, Keys, tuple[str, ...]], Judged]
"""Takes metadata, keys and accepted algorithms; raises `KeyNotFound` when they may be old."""


def judge_fresh_token(services: Services, judge: Judge[Judged], now: float) -> Judged:
    """Judge a token that came straight from the token endpoint.

    The signing key may have been rotated since we asked, perhaps to another type: its algorithm is news as
    well. Not limited in frequency, since such a token costs whoever would abuse it a sign-in each time.
    """
    try:
        return _judged(services, judge, now)
    except KeyNotFound:
        log.info("signing_keys_refetched")
        services.discovery.refetch(now)
        return _judged(services, judge, now)


def judge_foreign_token(services: Services, judge: Judge[Judged], now: float) -> Judged:
    """Judge a token that anybody may have sent: newer keys are fetched at most once in 30 seconds."""
    try:
        return _judged(services, judge, now)
    except KeyNotFound:
        services.discovery.again(now)
        # Also when it was too early: another request may have fetched them between our look and this.
        return _judged(services, judge, now)


def _judged(services: Services, judge: Judge[Judged], now: float) -> Judged:
    metadata = services.discovery.metadata(now)
    advertised = metadata.id_token_signing_alg_values_supported
    algorithms = services.settings.id_token_algorithms or tuple(
        name for name in advertised if name in ASYMMETRIC_ALGORITHMS
    )
    return judge(metadata, services.discovery.keys(now), algorithms)
