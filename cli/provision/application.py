"""The application at Logto, found again by its id in LogtoSecret, or by the stack's mark in its custom data.

Both survive another name. The mark survives the loss of the secret, and an answer that never arrived, since
it is written with the application.
"""

from cli.problems import Problem
from cli.provision.logto import Json
from cli.provision.site import Site
from cli.provision.steps import Change

MEMBER = "passerelle"
"""Of the application's custom data."""

_URIS = {"redirectUris": "RedirectUri", "postLogoutRedirectUris": "PostLogoutRedirectUri"}
_WORDS = {"redirectUris": "redirect URI", "postLogoutRedirectUris": "post sign-out redirect URI"}


def find_application(site: Site) -> Json | None:
    """Find this stack's application; raises `Problem`."""
    applications = site.logto.get("/applications")
    client_id = site.secret("LogtoSecret").get("clientId")
    marked = sorted((each for each in applications if _mark(each) == site.stack.mark), key=_age)
    named = next((each for each in applications if each["id"] == client_id), None)
    found = _judged(site, named) if named else next(iter(marked), None)
    # Two commands at the same moment make two, and the one that is not used has a secret all the same.
    if found and (others := ", ".join(each["id"] for each in marked if each["id"] != found["id"])):
        site.notes.append(f"{found['id']} is used; also made for this stack, and to be deleted: {others}")
    return found


class Application:
    """It is there, and knows the stack's addresses, beside those that others have given it."""

    title = "application"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say what is missing."""
        found = find_application(self._site)
        if found is None:
            return [Change(self._about_new(), self._make)]
        changed, words = self._missing(found)
        if not changed:
            return []
        text = f'"{found["name"]}" ({found["id"]}): {"; ".join(words)}'
        return [Change(text, lambda: self._site.logto.patch(f"/applications/{found['id']}", changed))]

    def _about_new(self) -> str:
        client_id = self._site.secret("LogtoSecret").get("clientId")
        gone = f"; {client_id} of LogtoSecret is not in this tenant" if client_id else ""
        uris = ", ".join(f"{_WORDS[name]} {uri}" for name, uri in self._uris().items())
        back = self._site.address("BackchannelLogoutUri")
        return (
            f'make "{self._name}" (Traditional): {uris}, back-channel logout URI {back} with the session '
            f"required{gone}"
        )

    @property
    def _name(self) -> str:
        return f"Passerelle {self._site.stack.name}"

    def _uris(self) -> dict[str, str]:
        return {name: self._site.address(output) for name, output in _URIS.items()}

    def _make(self) -> None:
        back = {
            "backchannelLogoutUri": self._site.address("BackchannelLogoutUri"),
            "backchannelLogoutSessionRequired": True,
        }
        uris = {name: [uri] for name, uri in self._uris().items()}
        body = {"name": self._name, "type": "Traditional", "oidcClientMetadata": {**uris, **back}}
        self._site.logto.post("/applications", body | {"customData": self._marked({})})

    def _marked(self, custom: Json) -> Json:
        return {**custom, MEMBER: {"stack": self._site.stack.mark}}

    def _missing(self, found: Json) -> tuple[Json, list[str]]:
        """Return the members to replace, for Logto replaces each as a whole, and the difference in words."""
        metadata, words = dict(found["oidcClientMetadata"]), []
        for name, uri in self._uris().items():
            if uri not in metadata.get(name, []):
                metadata[name] = [*metadata.get(name, []), uri]
                words.append(f"add the {_WORDS[name]} {uri}")
        back, before = self._site.address("BackchannelLogoutUri"), metadata.get("backchannelLogoutUri")
        if before != back:
            metadata["backchannelLogoutUri"] = back
            words.append(
                f"set the back-channel logout URI {back}" + (f" in place of {before}" if before else "")
            )
        if metadata.get("backchannelLogoutSessionRequired") is not True:
            metadata["backchannelLogoutSessionRequired"] = True
            words.append("require the session in back-channel logout")
        changed: Json = {"oidcClientMetadata": metadata} if words else {}
        custom = found.get("customData") or {}
        if _mark(found) != self._site.stack.mark:
            changed["customData"] = self._marked(custom)
            words.append("mark it as this stack's")
        return changed, words


def _judged(site: Site, found: Json) -> Json:
    """Take the application that LogtoSecret names, unless it cannot be this stack's."""
    if found["type"] != "Traditional":
        raise Problem(
            f'LogtoSecret names the application "{found["name"]}" ({found["id"]}), which is of the type '
            f"{found['type']}: it has to be Traditional. Empty clientId in LogtoSecret, and one is made"
        )
    mark = _mark(found)
    if mark and mark != site.stack.mark:
        raise Problem(
            f'LogtoSecret names the application "{found["name"]}" ({found["id"]}), which is that of {mark}. '
            "Empty clientId in LogtoSecret, and one is made; or take it over, by taking "
            f"{MEMBER} out of its custom data"
        )
    return found


def _mark(application: Json) -> str:
    marked = (application.get("customData") or {}).get(MEMBER)
    return str(marked.get("stack") or "") if isinstance(marked, dict) else ""


def _age(application: Json) -> tuple[int, str]:
    return int(application.get("createdAt") or 0), str(application["id"])
