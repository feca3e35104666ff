import json
import os
import stat

import pytest

from etanche.casefile import CaseFolder, KeyOptions, Way, keys, ring
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.words import LANGUAGES, Words

PLAIN = Config(keyring=False)
NOBODY = KeyOptions()


def locked(case, config, options, code):
    with pytest.raises(UserError) as caught:
        keys.unlock(case, config, options)
    assert (caught.value.code, caught.value.exit_code) == (code, ExitCode.REFUSED)
    for language in LANGUAGES:
        assert "\n" not in Words(language)(f"errors.{code}", **caught.value.params)


def said(choice, path):
    return {
        reason.code: [Words(each)(f"casefile.key.{reason.code}", **dict(reason.params)) for each in LANGUAGES]
        for reason in choice.notices(path)
    }


def test_without_anything_a_key_file_is_made_beside_the_folder(tmp_path):
    choice = keys.choose(PLAIN, NOBODY)
    with CaseFolder.create(tmp_path / "case", choice, PLAIN) as case:
        assert choice.way is Way.BESIDE
        assert str(tmp_path / "case.key") in said(choice, tmp_path / "case")["beside"][0]
        assert stat.S_IMODE((tmp_path / "case.key").stat().st_mode) == 0o600
        assert keys.unlock(case, PLAIN, NOBODY).recipient == choice.identity.recipient
        (tmp_path / "case.key").rename(tmp_path / "saved.key")
        locked(case, PLAIN, NOBODY, "key_file_missing")
        assert keys.unlock(case, PLAIN, KeyOptions(key_file=tmp_path / "saved.key"))
        (tmp_path / "saved.key").write_text("nothing here")
        locked(case, PLAIN, KeyOptions(key_file=tmp_path / "saved.key"), "key_file_unreadable")
        locked(case, PLAIN, KeyOptions(key_file=tmp_path), "key_file_unreadable")


def test_a_folder_moved_with_its_key_still_opens(tmp_path):
    CaseFolder.create(tmp_path / "case", keys.choose(PLAIN, NOBODY), PLAIN).close()
    (tmp_path / "case").rename(tmp_path / "moved")
    (tmp_path / "case.key").rename(tmp_path / "moved.key")
    with CaseFolder.open(tmp_path / "moved") as case:
        assert keys.unlock(case, PLAIN, NOBODY)


def test_a_key_beside_is_never_written_over(tmp_path):
    (tmp_path / "case.key").write_text("another case's")
    CaseFolder.create(tmp_path / "case", keys.choose(PLAIN, NOBODY), PLAIN).close()
    assert (tmp_path / "case.key").read_text() == "another case's"
    with CaseFolder.open(tmp_path / "case") as case:
        assert keys.kept_file(case.path) == tmp_path / "case-2.key"
        assert keys.unlock(case, PLAIN, NOBODY)


def test_a_named_key_file_is_made_once_then_used_and_never_destroyed(tmp_path):
    file = tmp_path / "team.key"
    first, options = keys.choose(PLAIN, KeyOptions(key_file=file)), KeyOptions(key_file=file)
    CaseFolder.create(tmp_path / "one", first, PLAIN).close()
    second = keys.choose(Config(keyring=False, key_file=file), NOBODY)
    assert (first.made, second.made) == (True, False)
    assert "file_made" in said(first, tmp_path / "one")
    with CaseFolder.create(tmp_path / "two", second, PLAIN) as case:
        assert keys.unlock(case, PLAIN, options).recipient == first.identity.recipient
        receipt = case.purge(data_only=False)
    assert (receipt.key_destroyed, receipt.key_file) == (False, file)
    file.chmod(0o644)
    assert "file_open" in said(second, tmp_path / "two")
    with CaseFolder.open(tmp_path / "one") as case:
        assert keys.unlock(case, PLAIN, NOBODY)
        other = tmp_path / "other.key"
        other.write_text(keys.choose(PLAIN, NOBODY).identity.secret())
        locked(case, PLAIN, KeyOptions(key_file=other), "key_wrong")


def test_a_passphrase_locks_the_key_in_the_folder(tmp_path):
    config = Config(keyring=False, passphrase="cheval correct")
    choice = keys.choose(config, NOBODY)
    with CaseFolder.create(tmp_path / "case", choice, config) as case:
        assert choice.way is Way.PASSPHRASE
        assert said(choice, tmp_path / "case")["passphrase"]
        assert keys.unlock(case, config, NOBODY).recipient == choice.identity.recipient
        assert keys.unlock(case, PLAIN, KeyOptions(ask=lambda new: "cheval correct"))
        locked(case, PLAIN, NOBODY, "key_passphrase_missing")
        locked(case, Config(keyring=False, passphrase="cheval"), NOBODY, "key_passphrase_wrong")
        case.seal("rows/1", b"x")
        assert case.purge(data_only=True).key_destroyed
    assert not (tmp_path / "case/key.json").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["case"]


def test_somebody_at_a_terminal_is_asked_and_may_decline():
    assert keys.choose(PLAIN, KeyOptions(ask=lambda new: "cheval" if new else "")).way is Way.PASSPHRASE
    assert keys.choose(PLAIN, KeyOptions(ask=lambda new: "")).way is Way.BESIDE


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": "etanche-key/2"}', '{"format": "etanche-key/1", "recipient": 1}']
)
def test_a_key_record_that_is_none_is_refused(tmp_path, text):
    CaseFolder.create(tmp_path / "case", keys.choose(PLAIN, NOBODY), PLAIN).close()
    (tmp_path / "case/key.json").write_text(text)
    with pytest.raises(UserError) as caught:
        CaseFolder.open(tmp_path / "case")
    assert caught.value.code == "key_record"


BACKEND = """
import json, pathlib, time
from keyring.backend import KeyringBackend
STORE = pathlib.Path(__file__).with_suffix(".json")

class Real(KeyringBackend):
    priority = 5

    def _all(self):
        return json.loads(STORE.read_text()) if STORE.exists() else {}

    def get_password(self, service, username):
        return self._all().get(service + username)

    def set_password(self, service, username, password):
        STORE.write_text(json.dumps({**self._all(), service + username: password}))

    def delete_password(self, service, username):
        STORE.write_text(json.dumps({k: v for k, v in self._all().items() if k != service + username}))

class PlaintextKeyring(Real):
    pass

class Weak(Real):
    priority = 0.5

class Mute(Real):
    def get_password(self, service, username):
        time.sleep(60)

class Raising(Real):
    def set_password(self, service, username, password):
        raise RuntimeError(password)
"""


@pytest.fixture
def backend(tmp_path, monkeypatch):
    """A keyring of our own, chosen as a user would: by the keyring package's variable."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/ourring.py").write_text(BACKEND)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path / "lib"), os.environ.get("PYTHONPATH")]))
    )

    def use(name):
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name if "." in name else f"ourring.{name}")
        return tmp_path / "lib/ourring.json"

    return use


def test_a_real_keyring_keeps_the_key(tmp_path, backend):
    store = backend("Real")
    config = Config()
    choice = keys.choose(config, NOBODY)
    with CaseFolder.create(tmp_path / "case", choice, config) as case:
        assert choice.way is Way.KEYRING
        assert said(choice, tmp_path / "case")["keyring"]
        assert list(json.loads(store.read_text())) == [f"etanche{case.summary.case_id}"]
        assert keys.unlock(case, config, NOBODY).recipient == choice.identity.recipient
        locked(case, PLAIN, NOBODY, "key_keyring_missing")
        assert case.purge(data_only=False).key_destroyed
    assert json.loads(store.read_text()) == {}


@pytest.mark.parametrize(
    "name",
    ["PlaintextKeyring", "Weak", "keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", "no.such.Ring"],
)
def test_a_keyring_that_keeps_nothing_or_in_clear_does_not_count(backend, name):
    backend(name)
    assert ring.backend(prompt=False) is None
    assert keys.choose(Config(), NOBODY).way is Way.BESIDE


def test_a_keyring_that_never_answers_is_not_waited_for(tmp_path, backend, monkeypatch):
    backend("Mute")
    monkeypatch.setattr(ring, "_PATIENCE", {False: 1, True: 1})
    assert ring.get("case", prompt=True) is None


def test_a_keyring_that_refuses_leaves_no_case_and_no_secret_in_the_error(tmp_path, backend):
    backend("Raising")
    choice = keys.choose(Config(), NOBODY)
    with pytest.raises(UserError) as caught:
        CaseFolder.create(tmp_path / "case", choice, Config())
    assert caught.value.code == "key_keyring_refused"
    assert not (tmp_path / "case").exists()
