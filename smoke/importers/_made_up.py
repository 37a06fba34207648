"""The names that request tools fill in with data of their own, and the made-up data of the scenario language for them."""

from __future__ import annotations

import re

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

_FAKER = {
    "email": "fake.email", "exampleEmail": "fake.email", "phone.number": "fake.phone", "phoneNumber": "fake.phone", "firstName": "fake.first_name",
    "lastName": "fake.last_name", "fullName": "fake.name", "findName": "fake.name", "city": "fake.city", "cityName": "fake.city", "street": "fake.street",
    "streetAddress": "fake.street", "streetName": "fake.street", "zipCode": "fake.postcode", "countryCode": "fake.country",
    "company.name": "fake.company", "companyName": "fake.company", "uuid": "fake.uuid", "number": "fake.number(0, 1000)", "int": "fake.number(0, 1000)",
    "word": "fake.word", "noun": "fake.word", "password": "fake.hex(16)", "userName": "fake.hex(10)", "username": "fake.hex(10)",
    "alphaNumeric": "fake.hex(10)", "alphanumeric": "fake.hex(10)", "hexadecimal": "fake.hex(10)", "boolean": "fake.choice(true, false)",
}  # fmt: skip
"""Of Faker (https://fakerjs.dev/api/), which many tools ask: by the method, or by module and method."""


def faker_names(name: str) -> str:
    """The template for a method of Faker, such as `internet.email`; empty for one without a counterpart."""
    return _FAKER.get(name) or _FAKER.get(name.rpartition(".")[2], "")


_BETWEEN = re.compile(r"\$randomInt\s{1,4}(-?[0-9]{1,9})\s{1,4}(-?[0-9]{1,9})\Z")
_JETBRAINS = {
    "random.uuid": "fake.uuid", "random.email": "fake.email", "random.integer": "fake.number(0, 1000)",
    "random.alphabetic": "fake.hex(10)", "random.alphanumeric": "fake.hex(10)", "random.hexadecimal": "fake.hex(10)",
}  # fmt: skip
_ENVIRONMENT = re.compile(r"\$(?:processEnv|dotenv|env)[ .]%?(\w{1,100})\Z")
_RANDOM = re.compile(
    r"\$random\.(integer|alphabetic|alphanumeric|hexadecimal)\(\s{0,4}([0-9]{1,9})(?:\s{0,4},\s{0,4}([0-9]{1,9}))?\s{0,4}\)\Z"
)


def postman_names(name: str) -> str | None:
    """The template for a name with a dollar; None for any other name, and empty for one without a counterpart."""
    if not name.startswith("$"):
        return None
    return _POSTMAN.get(name[1:], "")


def http_names(name: str) -> str | None:
    """As `postman_names`, of `.http` files: REST Client's and JetBrains' names."""
    if not name.startswith("$"):
        return None
    between, drawn = _BETWEEN.match(name), _RANDOM.match(name)
    if between:
        return f"fake.number({between[1]}, {between[2]})"
    if drawn:
        if drawn[1] == "integer":
            low, high = (drawn[2], drawn[3]) if drawn[3] else ("0", drawn[2])
            return f"fake.number({low}, {int(high) - 1})" if int(high) - 1 >= int(low) else ""
        return f"fake.hex({min(int(drawn[2]), 64)})"
    environment = _ENVIRONMENT.match(name)
    if environment:
        return f"env.{environment[1]}"
    word = name[1:].split(" ", maxsplit=1)[0]
    return _JETBRAINS.get(word) or _POSTMAN.get(word, "")
