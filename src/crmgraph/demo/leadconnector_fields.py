"""LeadConnector's custom fields: the world's, and one of every further data type the CRM knows (fact sheet section 5).

Values carry no name and no type, and a number comes as a number or as text. There is no boolean type: yes-or-no
questions are RADIO fields. Contact 2 holds a value whose definition was deleted; contacts 1, 11, 21, ... hold one of
every further type.
"""

from collections.abc import Iterable
from typing import Any

from crmgraph.demo.cast import CustomSpec, Sighting
from crmgraph.demo.leadconnector_account import Account, Raw, stable_id

_DATA_TYPES = {
    "TEXT": "TEXT",
    "NUMBER": "NUMERICAL",
    "BOOLEAN": "RADIO",
    "DATE": "DATE",
    "OPTION": "SINGLE_OPTIONS",
    "OPTIONS": "MULTIPLE_OPTIONS",
    "MONEY": "MONETORY",
    "RAW": "LARGE_TEXT",
}
_YES_NO = ("Yes", "No")

_FURTHER: tuple[tuple[str, str, str, tuple[str, ...], Any], ...] = (
    ("background", "Background", "LARGE_TEXT", (), "Came with the 2019 acquisition.\nKnows the old product."),
    ("fax", "Fax", "PHONE", (), "+14155550199"),
    ("budget", "Budget", "MONETORY", (), 12500.5),
    ("topics", "Newsletter topics", "CHECKBOX", ("Product", "Events", "Hiring"), ["Product", "Events"]),
    ("links", "Links", "TEXTBOX_LIST", ("Blog", "Forum"), {"Blog": "https://blog.example", "Forum": ""}),
    ("invoice_email", "Invoice e-mail", "EMAIL", (), "invoices@tamarind.example"),
    ("contract", "Contract", "FILE_UPLOAD", (), {
        "5c4f2f7e": {"url": "https://files.example/contract.pdf", "meta": {"name": "contract.pdf", "size": 20480}}
    }),
    ("signature", "Signature", "SIGNATURE", (), "https://files.example/signature.png"),
)  # fmt: skip


def field_id(key: str) -> str:
    """The id of the custom field with this key (without "contact.")."""
    return stable_id("field", key)


def seed_fields(account: Account, specs: Iterable[CustomSpec]) -> None:
    """Define the world's fields, the further ones and one for opportunities."""
    for spec in specs:
        options = _YES_NO if spec.type == "BOOLEAN" else spec.options
        define(account, field_id(spec.key), spec.key, spec.label, _DATA_TYPES[spec.type], options)
    for key, label, data_type, options, _ in _FURTHER:
        define(account, field_id(key), key, label, data_type, options)
    define(account, field_id("contract_months"), "contract_months", "Contract months", "NUMERICAL", (), "opportunity")


def define(
    account: Account,
    record_id: str,
    key: str,
    name: str,
    data_type: str,
    options: Iterable[str] = (),
    model: str = "contact",
) -> Raw:
    """Add a definition; choices are plain texts under `picklistOptions`, which fields without choices do not have."""
    choices = {"picklistOptions": list(options)} if options else {}
    account.custom_fields[record_id] = {
        "id": record_id,
        "name": name,
        "model": model,
        "fieldKey": f"{model}.{key}",
        "placeholder": "",
        "dataType": data_type,
        "position": 50 * (len(account.custom_fields) + 1),
        "documentType": "field",
        "parentId": stable_id("folder", model),
        "locationId": account.location["id"],
        "standard": False,
        "dateAdded": "2024-01-02T09:00:00.000Z",
        **choices,
    }
    return account.custom_fields[record_id]


def stored_values(specs: Iterable[CustomSpec], one: Sighting) -> list[Raw]:
    """A contact's values as the CRM keeps them."""
    types = {spec.key: spec.type for spec in specs}
    values = {key: _stored(types[key], value, one.number) for key, value in one.custom.items()}
    if one.number % 10 == 1:
        values |= {key: value for key, _, _, _, value in _FURTHER}
    if one.number == 2:
        values["deleted_long_ago"] = "left behind"
    return [{"id": field_id(key), "value": value} for key, value in values.items()]


def _stored(kind: str, value: Any, number: int) -> Any:
    if kind == "BOOLEAN":
        return "Yes" if value else "No"
    if kind == "NUMBER" and number % 2 == 0:
        return str(value)
    return list(value) if isinstance(value, tuple) else value
