"""Releases: entries of one maker that share one image."""

from entries import a_model, an_entry
from firtree.catalogue.releases import release_of

SHARED = "AB" * 32


def test_a_release_is_every_entry_of_the_maker_with_that_image() -> None:
    entry = an_entry(3, image_hash=SHARED)
    sharing = [
        an_entry(7, image_hash=SHARED, model=a_model(model_identifier="010B")),
        entry,
        an_entry(5, image_hash=SHARED, model=a_model(model_identifier="010C")),
    ]

    release = release_of(entry, sharing)

    assert release is not None
    assert release.entries == (3, 5, 7)
    assert release.manufacturer == "AB01"


def test_another_makers_entry_is_not_of_the_release_whatever_its_hash() -> None:
    entry = an_entry(3, image_hash=SHARED)
    other = an_entry(4, image_hash=SHARED, model=a_model(manufacturer="AB02"))

    release = release_of(entry, [other])

    assert release is not None
    assert release.entries == (3,)


def test_an_entry_without_an_image_hash_is_of_no_release() -> None:
    assert release_of(an_entry(3, image_hash=""), [an_entry(4, image_hash="")]) is None
