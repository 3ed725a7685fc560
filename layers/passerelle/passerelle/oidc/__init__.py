"""Judges the messages of OpenID Connect: no network, no clock, no storage; the section stands by each check.

`metadata`, `authorization`, `token` and `id_token` follow a sign-in in the order in which its messages come.
"""
