"""Device types, generations, variants and hardware models."""

from typing import Any

import pytest

from entries import a_model
from firtree.devices import (
    ESME_VARIANTS,
    DeviceType,
    Generation,
    HardwareModel,
    ModelKey,
    allows_free_text,
    esme_variant,
    read_model_part,
)


def test_families_are_those_of_the_rules() -> None:
    families: dict[str, set[str]] = {}
    for kind in DeviceType:
        families.setdefault(kind.family, set()).add(kind.value)

    assert {frozenset(kinds) for kinds in families.values()} == {
        frozenset({"ESME", "SAPC"}),
        frozenset({"CHF", "GPF"}),
        *(frozenset({kind}) for kind in ("GSME", "PPMID", "HCALCS", "IHD", "CAD")),
    }
    assert DeviceType.CHF.family == "Communications Hub"


def test_only_displays_and_consumer_devices_have_no_route() -> None:
    without = {kind for kind in DeviceType if not kind.updates_over_the_air}

    assert without == {DeviceType.IHD, DeviceType.CAD}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("esme", DeviceType.ESME),
        (" GPF ", DeviceType.GPF),
        ("Communications Hub", DeviceType.CHF),
        ("comms hub", DeviceType.CHF),
    ],
)
def test_a_device_type_is_read_in_any_case(given: str, kind: DeviceType) -> None:
    assert DeviceType.parse(given) is kind


@pytest.mark.parametrize("given", ["", "METER", "ES ME", "e\u017fme", "ppm\u0131d"])
def test_another_device_type_is_refused_with_those_there_are(given: str) -> None:
    with pytest.raises(ValueError, match=r"^one of ESME, GSME, CHF, GPF, "):
        DeviceType.parse(given)


@pytest.mark.parametrize(
    ("given", "generation"),
    [
        ("smets1", Generation.SMETS1),
        ("SMETS 2", Generation.SMETS2),
        (" smets2+ ", Generation.SMETS2),
    ],
)
def test_a_generation_is_read_in_any_case(given: str, generation: Generation) -> None:
    assert Generation.parse(given) is generation


@pytest.mark.parametrize("given", ["", "SMETS", "SMETS1+", "SMETS3", "\u017fmets1"])
def test_another_generation_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"^SMETS1 or SMETS2\+$"):
        Generation.parse(given)


def test_there_are_25_variants_of_an_esme() -> None:
    assert len(ESME_VARIANTS) == 25
    assert esme_variant("adef") == "ADEF"
    for given in ("", "H", "DA", "A "):
        with pytest.raises(ValueError, match="an ESME variant"):
            esme_variant(given)


def test_a_key_has_one_form() -> None:
    key = ModelKey.of(" ab01", "010a030b ")

    assert key == ModelKey("AB01", "010A030B")
    assert str(key) == "AB01 010A030B"


def test_a_hardware_model_says_how_it_is_matched() -> None:
    model = a_model(manufacturer="ab01", hardware_revision="0b")

    assert model.duis_model == "010A030b"
    assert model.key == ModelKey("AB01", "010A030B")
    assert model.hardware == "030B"
    assert not model.allows_free_text


@pytest.mark.parametrize(
    "changes",
    [
        {"manufacturer": "AB1"},
        {"model_identifier": "010G"},
        {"hardware_version": ""},
        {"hardware_revision": "B"},
        {"generation": Generation.SMETS1, "manufacturer": ""},
        {"generation": Generation.SMETS1, "model_identifier": "x\0"},
        {"generation": Generation.SMETS1, "model_identifier": "x" * 31},
        {"generation": Generation.SMETS1, "model_identifier": "x" * 27},
    ],
)
def test_a_model_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"digits|text|DeviceModel"):
        a_model(**changes)


def test_old_meters_and_displays_may_have_free_names() -> None:
    model = HardwareModel(
        device_type=DeviceType.IHD, manufacturer="Alder", model_identifier="Glow 2"
    )

    assert (model.duis_model, model.hardware) == ("Glow 2", "")
    assert allows_free_text(DeviceType.ESME, Generation.SMETS1)
    assert allows_free_text(DeviceType.CAD, Generation.SMETS2)
    assert not allows_free_text(DeviceType.PPMID, Generation.SMETS2)
    assert read_model_part("0c0a", size=4, free=True) == "0C0A"
    assert read_model_part("", size=2, free=True) == ""
    assert read_model_part("mk II", size=2, free=True) == "mk II"
