import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.crypto import (
    DamagedError,
    Identity,
    Recipient,
    WrongKeyError,
    canonical,
    generate,
    link,
    seal,
    unseal,
    unwrap,
    wrap,
)

IDENTITY = generate()
WRAPPED = wrap(IDENTITY, "pâte à choux")


@given(st.binary(max_size=200_000))
def test_what_is_sealed_opens_and_hides(data):
    sealed = seal(data, IDENTITY.recipient)
    assert unseal(sealed, IDENTITY) == data
    assert len(data) < 16 or data not in sealed


def test_another_key_is_told_from_damage():
    sealed = seal(b"rows", IDENTITY.recipient)
    with pytest.raises(WrongKeyError):
        unseal(sealed, generate())
    for wrong in (b"", b"rows", sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(DamagedError):
            unseal(wrong, IDENTITY)


def test_no_secret_leaves_by_accident():
    secret = IDENTITY.secret()
    assert secret not in repr(IDENTITY)
    assert secret not in f"{IDENTITY}"
    with pytest.raises(TypeError):
        pickle.dumps(IDENTITY)


def test_keys_come_back_from_their_text():
    assert Identity.parse(f" {IDENTITY.secret()}\n").recipient == IDENTITY.recipient
    assert Recipient(IDENTITY.recipient.text) == IDENTITY.recipient
    with pytest.raises(DamagedError):
        Identity.parse(IDENTITY.recipient.text)
    with pytest.raises(DamagedError):
        Recipient("age1notakey")


def test_a_wrapped_identity_opens_with_its_passphrase_however_composed():
    assert unwrap(WRAPPED, "pâte à choux").secret() == IDENTITY.secret()
    assert unwrap(WRAPPED, "pa\u0302te a\u0300 choux").secret() == IDENTITY.secret()
    assert IDENTITY.secret() not in WRAPPED
    assert wrap(IDENTITY, "pâte à choux") != WRAPPED
    with pytest.raises(WrongKeyError):
        unwrap(WRAPPED, "pate a choux")
    with pytest.raises(ValueError, match="empty"):
        wrap(IDENTITY, "")


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 64 * 1024**2},
        {"memory_kib": 8},
        {"memory_kib": True},
        {"memory_kib": "65536"},
        {"passes": 10**9},
        {"lanes": 0},
        {"salt": "AAAA"},
        {"nonce": "?"},
        {"format": "etanche-wrapped-identity/2"},
        {"kdf": "pbkdf2"},
        {"extra": 1},
        {"wrapped": 5},
    ],
)
def test_a_hostile_wrap_is_refused_before_it_costs_anything(change):
    with pytest.raises(DamagedError):
        unwrap(json.dumps({**json.loads(WRAPPED), **change}), "pâte à choux")


@pytest.mark.parametrize("change", [{"passes": 2}, {"recipient": generate().recipient.text}])
def test_every_field_of_a_wrap_is_authenticated(change):
    with pytest.raises(WrongKeyError):
        unwrap(json.dumps({**json.loads(WRAPPED), **change}), "pâte à choux")


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, "{" * 4000])
def test_a_wrap_that_is_no_wrap(text):
    with pytest.raises(DamagedError):
        unwrap(text, "x")


def test_canonical_json_has_one_spelling():
    assert canonical({"b": 1, "a": "é"}) == b'{"a":"\\u00e9","b":1}'
    assert link({"a": 1, "hash": "x"}) == link({"hash": "y", "a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(float("nan"))
