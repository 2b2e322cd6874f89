"""Settings: read once from the environment, checked, and never shown with a secret."""

import dataclasses
from pathlib import Path

import pytest

from firtree.errors import InvalidInputError
from firtree.settings import Settings

URL = "postgresql://keeper:hush@db.example/register?sslmode=require&password=hush"


def test_without_an_environment_the_defaults_hold() -> None:
    assert Settings.from_environ({}) == Settings()
    assert Settings.from_environ({"PATH": "/bin"}) == Settings()


def test_each_setting_is_read_from_its_variable() -> None:
    environ = {
        "FIRTREE_DATA": "elsewhere",
        "FIRTREE_DATABASE": URL,
        "FIRTREE_LOCK_WAIT_S": "0.5",
        "FIRTREE_MODELS_KEPT": "10",
        "FIRTREE_ADDRESS": "https://fir.example:8443",
        "FIRTREE_PROXIES": "2",
        "FIRTREE_PASSKEY_FOR": "everybody",
        "FIRTREE_SESSION_IDLE_MIN": "15",
        "FIRTREE_SESSION_MOST_H": "8",
        "FIRTREE_ACCESS_LOG_DAYS": "90",
        "FIRTREE_COSTLY_PER_MIN": "0",
        "FIRTREE_PUBLIC_CPL": "yes",
        "FIRTREE_LOG_REQUESTS": "yes",
        "FIRTREE_WITNESS_POLICY": "witnesses.policy",
        "FIRTREE_FENCE": "elsewhere/fence",
        "FIRTREE_TOKEN": "abc",
    }

    assert Settings.from_environ(environ) == Settings(
        data="elsewhere",
        database=URL,
        lock_wait_s=0.5,
        models_kept=10,
        address="https://fir.example:8443",
        proxies=2,
        passkey_for="everybody",
        session_idle_min=15,
        session_most_h=8,
        access_log_days=90,
        costly_per_min=0,
        public_cpl=True,
        log_requests=True,
        witness_policy="witnesses.policy",
        fence="elsewhere/fence",
        token=environ["FIRTREE_TOKEN"],
    )
    assert len(environ) == len(dataclasses.fields(Settings))


def test_a_variable_that_names_no_setting_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Settings.from_environ({"FIRTREE_DATE": "x", "FIRTREE_DATA": "y"})

    assert str(caught.value) == "no such setting: FIRTREE_DATE"
    assert caught.value.hint == (
        "settings are FIRTREE_ACCESS_LOG_DAYS, FIRTREE_ADDRESS, "
        "FIRTREE_COSTLY_PER_MIN, FIRTREE_DATA, FIRTREE_DATABASE, "
        "FIRTREE_FENCE, FIRTREE_LOCK_WAIT_S, FIRTREE_LOG_REQUESTS, "
        "FIRTREE_MODELS_KEPT, FIRTREE_PASSKEY_FOR, FIRTREE_PROXIES, "
        "FIRTREE_PUBLIC_CPL, FIRTREE_SESSION_IDLE_MIN, FIRTREE_SESSION_MOST_H, "
        "FIRTREE_TOKEN, FIRTREE_WITNESS_POLICY"
    )


@pytest.mark.parametrize(
    "address",
    [
        *("https://fir.example:80", "http://localhost:443", "http://localhost"),
        *("https://fir.example:65535", "https://7.example", "https://fir.example7"),
    ],
)
def test_an_address_may_have_any_name_and_a_port_of_its_own(address: str) -> None:
    assert Settings.from_environ({"FIRTREE_ADDRESS": address}).address == address


def test_an_address_with_the_usual_port_is_written_without_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Settings.from_environ({"FIRTREE_ADDRESS": "https://fir.example:443"})

    assert caught.value.hint == "write https://fir.example"


def test_what_kubernetes_says_of_a_service_named_firtree_is_no_slip() -> None:
    told = {
        "FIRTREE_SERVICE_HOST": "10.0.0.1",
        "FIRTREE_SERVICE_PORT": "8000",
        "FIRTREE_SERVICE_PORT_HTTP": "8000",
        "FIRTREE_PORT": "tcp://10.0.0.1:8000",
        "FIRTREE_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "FIRTREE_PORT_8000_TCP_PROTO": "tcp",
        "FIRTREE_PORT_8000_TCP_PORT": "8000",
        "FIRTREE_PORT_8000_TCP_ADDR": "10.0.0.1",
        "FIRTREE_WEB_SERVICE_HOST": "10.0.0.1",
        "FIRTREE_WEB_PORT": "tcp://10.0.0.1:8000",
    }

    assert Settings.from_environ(told) == Settings()
    for name, value in (
        *(("FIRTREE_PORT", "8711"), ("FIRTREE_SERVICE", "x"), ("FIRTREE_HOST", "x")),
        *(("FIRTREE_DATABASE_HOST", "x"), ("FIRTREE_PORT_8000", "x")),
    ):
        with pytest.raises(InvalidInputError, match=f"no such setting: {name}"):
            Settings.from_environ({name: value})


def test_the_folder_of_reference_files_is_no_setting_and_no_slip() -> None:
    assert Settings.from_environ({"FIRTREE_REFERENCE": "x"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRTREE_LOCK_WAIT_S", "soon"),
        ("FIRTREE_LOCK_WAIT_S", ""),
        ("FIRTREE_LOCK_WAIT_S", "0"),
        ("FIRTREE_LOCK_WAIT_S", "-1"),
        ("FIRTREE_LOCK_WAIT_S", "3601"),
        ("FIRTREE_LOCK_WAIT_S", "nan"),
        ("FIRTREE_LOCK_WAIT_S", "inf"),
        ("FIRTREE_MODELS_KEPT", "0"),
        ("FIRTREE_ADDRESS", "http://fir.example"),
        ("FIRTREE_ADDRESS", "https://fir.example/"),
        ("FIRTREE_ADDRESS", "https://FIR.example"),
        ("FIRTREE_ADDRESS", "fir.example"),
        ("FIRTREE_ADDRESS", "https://-x.example"),
        ("FIRTREE_ADDRESS", "https://fir.example\n"),
        ("FIRTREE_ADDRESS", "https://fir.example:443"),
        ("FIRTREE_ADDRESS", "http://localhost:80"),
        ("FIRTREE_ADDRESS", "https://fir.example:65536"),
        ("FIRTREE_ADDRESS", "https://192.0.2.7"),
        ("FIRTREE_ADDRESS", "https://192.0.2.7:8443"),
        ("FIRTREE_ADDRESS", "https://3221225991"),
        ("FIRTREE_ADDRESS", "https://fir.0x7f"),
        ("FIRTREE_DATA", ""),
        ("FIRTREE_PROXIES", "11"),
        ("FIRTREE_PASSKEY_FOR", "me"),
        ("FIRTREE_SESSION_IDLE_MIN", "0"),
        ("FIRTREE_SESSION_MOST_H", "169"),
        ("FIRTREE_ACCESS_LOG_DAYS", "0"),
        ("FIRTREE_COSTLY_PER_MIN", "-1"),
        ("FIRTREE_PUBLIC_CPL", "true"),
        ("FIRTREE_LOG_REQUESTS", ""),
        ("FIRTREE_MODELS_KEPT", "1.5"),
        ("FIRTREE_MODELS_KEPT", "10000001"),
        ("FIRTREE_MODELS_KEPT", "9" * 5000),
        ("FIRTREE_DATABASE", "mysql://keeper:hush@db.example/register"),
        ("FIRTREE_DATABASE", "register.db"),
        ("FIRTREE_DATABASE", "postgresql://keeper:hush@db.example:port/register"),
        ("FIRTREE_DATABASE", "postgresql://keeper:hush@db.example:65536/register"),
        ("FIRTREE_DATABASE", "postgresql://keeper:hu@hush@db.example/register"),
        ("FIRTREE_LOCK_WAIT_S", "1_0"),
        ("FIRTREE_LOCK_WAIT_S", "1e1"),
        ("FIRTREE_LOCK_WAIT_S", " 5"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{name}: expected ") as caught:
        Settings.from_environ({name: value})

    assert "hush" not in str(caught.value) + caught.value.hint
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("database", "shown"),
    [
        ("", "./var"),
        (URL, "PostgreSQL db.example/register"),
        (
            "postgresql://db.example/register?password=hush",
            "PostgreSQL db.example/register",
        ),
        ("postgres://a:hu%40sh@db.example:5432/r", "PostgreSQL db.example:5432/r"),
        ("postgres://a:hush/hush@db.example/r", "PostgreSQL db.example/r"),
        ("postgres://a:hush@[::1]:5432/r", "PostgreSQL [::1]:5432/r"),
        ("postgresql+psycopg:///register?host=/run", "PostgreSQL /register"),
    ],
)
def test_no_password_is_shown(database: str, shown: str) -> None:
    settings = Settings(database=database)

    assert settings.database_shown == shown
    assert "hush" not in repr(settings)


def test_a_number_has_one_spelling() -> None:
    with pytest.raises(InvalidInputError, match="FIRTREE_MODELS_KEPT"):
        Settings.from_environ({"FIRTREE_MODELS_KEPT": "1_0"})


def test_the_readme_lists_every_setting() -> None:
    page = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    for field in dataclasses.fields(Settings):
        assert f"| `FIRTREE_{field.name.upper()}` |" in page
