"""Addresses and tokens are read strictly, before anything is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.client.addresses import check_token, read_address
from firtree.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("https://fir.example", "https://fir.example"),
        ("https://FIR.example/", "https://fir.example"),
        ("https://fir.example:8443/", "https://fir.example:8443"),
        ("https://fir.example/firtree/", "https://fir.example/firtree"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.8.8.8", "http://127.8.8.8"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_an_address_has_one_spelling(text: str, read: str) -> None:
    assert str(read_address(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "http://fir.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://0.0.0.0",
        "http://[::]",
        "ftp://fir.example",
        "https://",
        "https:///path",
        "https://fir.example?x=1",
        "https://fir.example#x",
        "https://fir.example/a b",
        "https://fir.example/%2e%2e",
        "https://fir.example:99999",
        "https://fir.example:x",
        "https://fir_example",
        "https://[::1",
        " https://fir.example",
        "fir.example",
        "",
    ],
)
def test_what_is_no_address_or_would_go_in_the_clear_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^expected ") as caught:
        read_address(text)

    assert caught.value.hint


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    for text in ("https://keeper:hush@fir.example", "https://hush@fir.example"):
        with pytest.raises(InvalidInputError, match="without a name or") as caught:
            read_address(text)

        assert "hush" not in str(caught.value) + caught.value.hint


@given(st.text(alphabet="htps:/.@[]?#%127localeé\r\n 0", max_size=30))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = read_address(text)
    except InvalidInputError:
        return

    assert read_address(str(address)) == address
    assert address.scheme == "https" or address.is_near


@pytest.mark.parametrize("token", ["hush hush", "hush\r\nX: y", "húsh", "h" * 513])
def test_what_cannot_be_a_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^FIRTREE_TOKEN: ") as caught:
        check_token(token, where="FIRTREE_TOKEN")

    assert "h" + "ush" not in str(caught.value) + caught.value.hint


def test_a_token_is_taken_as_it_is() -> None:
    assert check_token("abc.DEF_1-2~3+/=", where="x") == "abc.DEF_1-2~3+/="
    assert check_token("", where="x") == ""
