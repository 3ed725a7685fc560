"""Which texts of a configuration go out for a type of message, and what of them stays empty or unfilled."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from passerelle.otp.config import Delivery, MailgunConfig
from passerelle.otp.form import placeholders


class Used(NamedTuple):
    """One text that goes out."""

    place: str
    """Where it stands, such as `deliveries.SignIn.locales.fr.html`."""
    member: str
    """`subject`, `html` or `text`."""
    text: str

    def lacks(self, name: str) -> bool:
        """Whether it does not ask for a member of the payload."""
        return name not in placeholders(self.text)

    def unfilled(self, payload: Mapping[str, Any]) -> list[str]:
        """Return the placeholders that stay as they are with this payload."""
        return [name for name in dict.fromkeys(placeholders(self.text)) if root_of(name) not in payload]


def root_of(placeholder: str) -> str:
    """Return the member of the payload that a placeholder begins with."""
    return placeholder.split(".")[0]


def variants(place: str, delivery: Delivery) -> Iterator[tuple[str, Delivery]]:
    """Give a delivery and its translations, each with its place."""
    yield place, delivery
    for tag, translated in delivery.locales.items():
        yield f"{place}.locales.{tag}", translated


def goes_by_template(delivery: Delivery, *, like_logto: bool) -> bool:
    """Whether a template stored at Mailgun makes the message."""
    return delivery.html is None or (delivery.template is not None and like_logto)


def used_texts(config: MailgunConfig, kind: str, *, like_logto: bool) -> Iterator[Used]:
    """Give the texts for a type, in all languages; raises `Misconfigured` when no delivery fits."""
    place = f"deliveries.{kind if kind in config.deliveries else 'Generic'}"
    seen = set()
    for where, each in variants(place, config.delivery(kind)):
        by_template = goes_by_template(each, like_logto=like_logto)
        for member in ("subject",) if by_template else ("subject", "html", "text"):
            text = getattr(each, member)
            if text is not None and (member, text) not in seen:  # else a translation has it from its delivery
                seen.add((member, text))
                yield Used(f"{where}.{member}", member, text)
