"""The program that talks to the system keyring, in a process of its own: a keyring may wait for ever for a password.

Run by `ring.py`, never imported.  Rules, in the order in which they apply:

1. One request, JSON on standard input: `{"op": "probe"|"get"|"set"|"delete", "user": …, "secret": …, "prompt": bool}`.
2. One answer, JSON on standard output: `{"ok": bool, "backend": …, "secret": …}`; no secret goes through arguments.
3. A backend that keeps secrets in clear, or nowhere, is no keyring; one that may ask something is left alone unless
   `prompt`.
"""

from __future__ import annotations

import json
import sys

import keyring
from keyring.backend import KeyringBackend, get_all_keyring
from keyring.errors import KeyringError

SERVICE = "etanche"
_ASKING = ("keyring.backends.kwallet", "keyring.backends.libsecret")


def real(backend: KeyringBackend) -> bool:
    """Tell whether a backend keeps secrets, encrypted."""
    kind = type(backend)
    if kind.__module__ in {"keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer"}:
        return False
    return float(kind.priority) >= 1 and "plaintext" not in kind.__name__.lower()


def silent(backend: KeyringBackend) -> bool:
    """Tell whether a backend answers without asking anybody anything."""
    module = type(backend).__module__
    if module == "keyring.backends.SecretService":
        import secretstorage  # noqa: PLC0415 - only there with this backend

        with secretstorage.dbus_init() as connection:
            # not get_default_collection(), which makes one where there is none, and asks for its password
            return not secretstorage.Collection(connection).is_locked()
    return module not in _ASKING


def choose(prompt: bool) -> KeyringBackend | None:
    """Return the keyring that the user configured, or the best there is; None when there is no real one."""
    backend = keyring.get_keyring()
    if type(backend).__module__ == "keyring.backends.chainer":
        backend = max(filter(real, get_all_keyring()), key=lambda each: float(type(each).priority), default=backend)
    if not real(backend) or not (prompt or silent(backend)):
        return None
    return backend


def answer(request: dict[str, str]) -> dict[str, str | bool | None]:
    """Do what is asked."""
    backend = choose(bool(request.get("prompt")))
    if backend is None:
        return {"ok": False}
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    user = request["user"]
    match request["op"]:
        case "get":
            secret = backend.get_password(SERVICE, user)
            return {"ok": secret is not None, "backend": name, "secret": secret}
        case "set":
            backend.set_password(SERVICE, user, request["secret"])
            return {"ok": backend.get_password(SERVICE, user) == request["secret"], "backend": name}
        case "delete":
            backend.delete_password(SERVICE, user)
    return {"ok": True, "backend": name}


def main() -> None:
    """Read one request, write one answer; whatever the keyring's fault, the answer is no."""
    request = json.loads(sys.stdin.read())
    try:
        reply = answer(request)
    except (KeyringError, RuntimeError, OSError, ImportError, ValueError):
        reply = {"ok": False}
    sys.stdout.write(json.dumps(reply))


if __name__ == "__main__":
    main()
