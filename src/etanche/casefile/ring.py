"""The system keyring, asked through a short-lived process so that nothing ever waits for a dialogue nobody sees.

`prompt` says that somebody sits at a terminal: only then may a locked keyring ask to be unlocked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_CHILD = Path(__file__).with_name("ring_child.py")
_PATIENCE = {False: 10, True: 90}
"""Seconds to wait for a keyring, without and with somebody to answer it."""


def backend(prompt: bool) -> str | None:
    """Return the name of a keyring that really keeps secrets and answers, None when there is none."""
    reply = _ask({"op": "probe", "user": "probe"}, prompt)
    return str(reply["backend"]) if reply["ok"] else None


def get(user: str, prompt: bool) -> str | None:
    """Return the secret kept under `user`."""
    reply = _ask({"op": "get", "user": user}, prompt)
    return str(reply["secret"]) if reply["ok"] else None


def put(user: str, secret: str, prompt: bool) -> bool:
    """Keep a secret; true when it was read back."""
    return bool(_ask({"op": "set", "user": user, "secret": secret}, prompt)["ok"])


def delete(user: str, prompt: bool) -> bool:
    """Forget a secret."""
    return bool(_ask({"op": "delete", "user": user}, prompt)["ok"])


def _ask(request: dict[str, str], prompt: bool) -> dict[str, Any]:
    """Return the answer of the child process; a keyring that fails or stays silent is one that is not there."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD)],
            input=json.dumps({**request, "prompt": prompt}),
            capture_output=True,
            text=True,
            timeout=_PATIENCE[prompt],
            start_new_session=True,
            check=False,
        )
        reply = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {"ok": False}
    return reply if isinstance(reply, dict) else {"ok": False}
