"""The names that request tools fill in with data of their own, and the made-up data of the scenario language for them."""

from __future__ import annotations

_POSTMAN = {
    "guid": "fake.uuid", "randomUUID": "fake.uuid", "timestamp": "now | unix", "isoTimestamp": "now",
    "randomInt": "fake.number(0, 1000)", "randomEmail": "fake.email", "randomExampleEmail": "fake.email",
    "randomPhoneNumber": "fake.phone", "randomPhoneNumberExt": "fake.phone", "randomFirstName": "fake.first_name",
    "randomLastName": "fake.last_name", "randomFullName": "fake.name", "randomCity": "fake.city",
    "randomStreetAddress": "fake.street", "randomStreetName": "fake.street", "randomCountryCode": "fake.country",
    "randomCompanyName": "fake.company", "randomZipCode": "fake.postcode", "randomPassword": "fake.hex(16)",
    "randomAlphaNumeric": "fake.hex(1)", "randomHexadecimal": "fake.hex(4)", "randomWord": "fake.word", "randomNoun": "fake.word",
    "randomUserName": "fake.hex(10)", "randomBoolean": "fake.choice(true, false)", "randomPrice": "fake.number(1, 1000)",
    "randomLoremWord": "fake.word", "randomProductName": "fake.word", "randomColor": "fake.word",
    "uuid": "fake.uuid", "datetime": "now", "localDatetime": "now",
}  # fmt: skip


def postman_names(name: str) -> str | None:
    """The template for a name with a dollar; None for any other name, and empty for one without a counterpart."""
    if not name.startswith("$"):
        return None
    return _POSTMAN.get(name[1:], "")
