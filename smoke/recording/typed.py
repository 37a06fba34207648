"""What a person typed, by the name of its field and its look, and the made-up data of the same kind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smoke.redact.keys import words

_EMAIL = re.compile(r"[^@\s\"'<>]{1,64}@[^@\s\"'<>]{1,190}\.[A-Za-z]{2,24}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,24}\Z")
_KINDS = {
    "phone": {"phone", "tel", "telephone", "mobile", "phonenumber"},
    "first_name": {"firstname", "givenname", "forename"},
    "last_name": {"lastname", "familyname", "surname"},
    "street": {"street", "address1", "addressline1", "streetaddress", "line1", "street1"},
    "city": {"city", "town"},
    "postcode": {"postcode", "postalcode", "zip", "zipcode"},
    "company": {"company", "companyname", "organisation", "organization"},
}
_FULL = {"name", "fullname", "customername", "recipient"}
_PERSONAL = {
    "email",
    "phone",
    "tel",
    "mobile",
    "street",
    "address1",
    "city",
    "postcode",
    "zip",
    "firstname",
}


def kind_of(name: str, value: str, beside: Iterable[str]) -> str:
    """The kind of `fake` for a value; empty for what is not told. `beside` are the keys that stand with this one."""
    if _EMAIL.match(value):
        return "email"
    parts = words(name)
    ends = {"".join(parts[-count:]) for count in (1, 2, 3)}
    for kind, names in _KINDS.items():
        if ends & names and value.strip():
            return "" if kind == "phone" and not _PHONE.match(value) else kind
    if "".join(parts[-2:]) in _FULL and value.strip():
        around = {"".join(words(each)) for each in beside}
        return "name" if around & _PERSONAL else ""
    return ""
