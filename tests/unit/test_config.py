from datetime import UTC
from pathlib import Path

import pytest

from etanche.config import Config, parse_size
from etanche.errors import ExitCode, UserError
from etanche.ingest import Limits, limits_of


def test_environment_is_read_once_into_values():
    config = Config.from_environment(
        {
            "LANG": "fr_FR.UTF-8",
            "ETANCHE_PASSPHRASE": "cheval correct",
            "ETANCHE_KEY_FILE": "/keys/case.key",
            "ETANCHE_KEYRING": "0",
            "ETANCHE_THREADS": "3",
            "ETANCHE_MEMORY": "1.5GiB",
            "ETANCHE_OPERATOR": "dpo",
            "NO_COLOR": "1",
        }
    )
    assert (config.language, config.passphrase, config.key_file) == ("fr", "cheval correct", Path("/keys/case.key"))
    assert (config.keyring, config.threads, config.memory) == (False, 3, 3 * 512 * 1024**2)
    assert (config.colour, config.operator) == (False, "dpo")


def test_passphrase_is_not_in_the_repr():
    assert "cheval" not in repr(Config(passphrase="cheval correct"))


def test_an_empty_environment_gives_the_defaults():
    config = Config.from_environment({})
    assert (config.language, config.passphrase, config.key_file, config.threads) == ("en", None, None, None)
    assert config.keyring
    assert "@" in config.operator
    assert config.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ETANCHE_LANGUAGE", "de"),
        ("ETANCHE_THREADS", "0"),
        ("ETANCHE_THREADS", "two"),
        ("ETANCHE_MEMORY", "much"),
        ("ETANCHE_MEMORY", "1MiB"),
        ("ETANCHE_LIMIT_TOTAL", "all"),
        ("ETANCHE_LIMIT_LINE", "3MiB"),
        ("ETANCHE_LIMIT_DEPTH", "0"),
        ("ETANCHE_LIMIT_MEMBERS", "1GiB"),
        ("ETANCHE_LIMIT_TOTALS", "1GiB"),
    ],
)
def test_a_slip_is_said_not_ignored(name, value):
    with pytest.raises(UserError) as caught:
        Config.from_environment({name: value})
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", 512),
        ("2 GB", 2 * 10**9),
        ("768MiB", 768 * 2**20),
        ("1.5kib", 1536),
        ("-1", None),
        ("GiB", None),
        ("", None),
    ],
)
def test_sizes(text, size):
    assert parse_size(text) == size


def test_limits_are_fields_of_those_of_ingest():
    values = {"TOTAL": "2GiB", "RATIO": "50", "LINE": "1MiB", "ENTRY_SECONDS": "9", "DEPTH": "", "WINDOW": "64MiB"}
    config = Config.from_environment({f"ETANCHE_LIMIT_{name}": value for name, value in values.items()})
    limits = limits_of(config.limits)
    assert (limits.total_bytes, limits.ratio, limits.line_bytes) == (2 << 30, 50, 1 << 20)
    assert (limits.entry_seconds, limits.parser_seconds, limits.window_bytes) == (9, 9, 64 << 20)
    assert limits.depth == Limits().depth
    assert limits_of(Config().limits) == Limits()
