"""Other names of the columns: those that are common, and those an operator adds.

``docs/formats/workbook.md`` lists them.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from firtree.errors import InvalidInputError
from firtree.exchange.headings import plain
from firtree.text import shown

MOST_ALIASES = 1000

# Names that leave no doubt which column is meant; ours: no public list has them.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CPL Entry ID": (
            "CPL ID",
            "CPL Entry",
            "CPL Entry No",
            "CPL Entry Number",
            "CPL Entry Identifier",
            "CPL Number",
            "CPL Reference",
            "Entry ID",
            "Entry Number",
        ),
        "Device Type": ("Type of Device", "Meter Type"),
        "Generation": ("SMETS Generation", "Device Generation"),
        "Manufacturer": ("Manufacturer Name", "Device Manufacturer Name", "Maker"),
        "Manufacturer Code": (
            "Manufacturer ID",
            "Manufacturer Identifier",
            "Maker Code",
        ),
        "Model Identifier": ("Model ID", "Model Number", "Model No"),
        "Hardware Version": ("HW Version", "Hardware Ver"),
        "Hardware Revision": ("HW Revision", "Hardware Rev", "HW Rev"),
        "Trade Name": ("Product Name", "Commercial Name", "Marketing Name"),
        "Firmware Version": (
            "FW Version",
            "Firmware Ver",
            "Firmware",
            "Device Firmware Version",
            "OTA File Version",
        ),
        "Firmware Version Coding": ("Version Coding", "Firmware Coding"),
        "Firmware Label": ("Version Label", "FW Label", "Firmware Name"),
        "SMETS/CHTS Version": (
            "SMETS Version",
            "CHTS Version",
            "SMETS or CHTS Version",
            "SMETS",
        ),
        "GBCS Version": ("GBCS", "GBCS Ver"),
        "ESME Variant": ("Device Variant", "Meter Variant"),
        "Manufacturer Image Hash": (
            "Image Hash",
            "Firmware Hash",
            "Firmware Image Hash",
            "Manufacturer Image SHA-256",
            "Hash",
        ),
        "CPA Certificate": ("CPA Certificate Number", "CPA Certificate ID"),
        "ZigBee Certificate": ("ZigBee Certificate Number", "ZigBee Certificate ID"),
        "DLMS Certificate": ("DLMS Certificate Number", "DLMS Certificate ID"),
        "Status": ("CPL Status", "Entry Status"),
        "Status From": ("Status Date", "Status Since"),
        "Status Reason": ("Reason for Status", "Removal Reason"),
        "Published On": (
            "Publication Date",
            "Date Published",
            "Published",
            "Date Added",
        ),
        "Release Date": ("Date of Release", "Firmware Release Date", "Released"),
        "Upgradable From": (
            "Upgradeable From",
            "Upgrade From",
            "Upgrades From",
            "Previous Entries",
        ),
        "Rollback From": ("Roll Back From",),
        "Mandatory Step": ("Mandatory", "Mandatory Upgrade"),
        "Release Notes": ("Notes on Release", "Firmware Release Notes"),
        "Contact Email": ("Contact Email Address", "Email"),
        "Support Until": ("End of Support", "Supported Until"),
        "DCC Loaded": ("Loaded by DCC", "DCC Load Status"),
    }
)


def read_aliases(lines: Iterable[str], *, of: str) -> dict[str, str]:
    """Read aliases, one to a line: ``Their Name = Our Name``.

    Args:
        lines: blank ones, and those that begin with ``#``, do not count.
        of: where they come from, to be named in errors.

    Raises:
        InvalidInputError: one is not such a line.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        where = f"{of}, line {number}" if of != "--alias" else of
        theirs, sign, ours = (part.strip() for part in text.rpartition("="))
        if not sign or not plain(theirs) or not ours:
            raise InvalidInputError(
                f"{where}: expected 'Their Name=Our Name', found {shown(text)}",
                hint="such as --alias 'Fabricant=Manufacturer'",
            )
        if len(found) == MOST_ALIASES:
            raise InvalidInputError(f"{where}: expected at most {MOST_ALIASES} aliases")
        found[theirs] = ours
    return found


def known_columns(
    names: Iterable[str], added: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Give the column by every plain name it may have.

    Args:
        names: of all columns.
        added: aliases of the operator's; they win over the common ones.

    Raises:
        InvalidInputError: an alias is for no column, or is the name of another one.
    """
    ours = {plain(name): name for name in names}
    found = dict(ours)
    for name, others in ALIASES.items():
        if plain(name) in ours:
            for other in others:
                found.setdefault(plain(other), name)
    for theirs, target in added.items():
        name = ours.get(plain(target), "")
        if not name:
            raise InvalidInputError(
                f"alias {shown(theirs)}: there is no column {shown(target)}",
                hint=f"the columns are {', '.join(ours.values())}",
            )
        if ours.get(plain(theirs), name) != name:
            raise InvalidInputError(
                f"alias {shown(theirs)}: that is a column of its own, and cannot "
                f"stand for {shown(name)}",
                hint="rename the column in the file",
            )
        found[plain(theirs)] = name
    return found
