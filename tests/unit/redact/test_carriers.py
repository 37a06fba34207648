"""Elements that carry a value under a name, which stands in an attribute or in the element before."""

from __future__ import annotations

import pytest

from smoke.redact import Masker, Secrets, mask_bytes
from smoke.redact.carriers import CARRIERS
from tests.unit.redact.test_sieve import FILLER

NOTHING = Secrets()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<parameter name="password">hunter22</parameter>', ('name="password"', "</parameter>")),
        ('<property name="api_key" value="hunter22"/>', ('"api_key"', '"/>')),
        ("<entry key='db.password'>hunter22</entry>", ("'db.password'",)),
        ('<add key="ApiKey" value="hunter22" />', ('key="ApiKey"', '" />')),
        ('<add value="hunter22" key="ApiKey"></add>', ('key="ApiKey"',)),
        ('<setting name="Password" serializeAs="String">\n<value>hunter22</value>\n</setting>', ("<value>", "</value>")),
        ('<saml:Attribute Name="password"><saml:AttributeValue>hunter22</saml:AttributeValue></saml:Attribute>', ("AttributeValue>",)),
        ('<item xsi:type="x"><key xsi:type="y">sku</key></item><item><key>password</key><value>hunter22</value></item>', ("sku",)),
        ("<key>password</key>\n<string>hunter22</string><key>sku</key><string>tea</string>", ("tea", "<key>password</key>")),
        ("<key>password</key>\n  <!-- old -->\n                  <string>hunter22</string>", ("<!-- old -->", "<string>")),
        ("<key><!-- a -->password<!-- b --></key><?pi c?><!--d--><string>hunter22</string>", ("<?pi c?>", "<!-- b -->")),
        ("<key>\n          <![CDATA[password]]>\n</key><string>hunter22</string>", ("<string>",)),
        ('<item><key xsi:type="s:string">password</key><value xsi:type="s:string">hunter22</value></item>', ('string">',)),
        ("&lt;key&gt;password&lt;/key&gt;&lt;!-- x --&gt;&lt;a&gt;hunter22&lt;/a&gt;", ("&lt;a&gt;",)),
        (r'"\u003ckey\u003epassword\u003c/key\u003e\n\u003c!-- x --\u003e\n\u003ca\u003ehunter22\u003c/a\u003e"', (r"\u003c/a",)),
        (r'"<key>password<\/key>\n\t\t\t\t\t\t\t\t\t\t<a>hunter22<\/a>"', (r"<\/a>",)),
        ("x=%3Ckey%3Epassword%3C%2Fkey%3E%3C%21--%20x%20--%3E%3Ca%3Ehunter22%3C%2Fa%3E&y=1", ("%3Ca%3E", "&y=1")),
        ("<n:entry><n:key>password</n:key><n:value>hunter22</n:value></n:entry>", ("<n:value>",)),
        ("<member><name>password</name><value><string>hunter22</string></value></member>", ("<string>",)),
        ('<init-param id="s:token">hunter22</init-param>', ("s:token",)),
        ('<property name="password"><![CDATA[hunter22]]></property>', ("<![CDATA[", "]]>")),
        ('<property name="password">a<b/><c>hunter22</c></property>', ("<b/>", "<c>")),
        ("&lt;parameter name=&quot;password&quot;&gt;hunter22&lt;/parameter&gt;", ("&lt;/parameter",)),
        (r'{"x": "<parameter name=\"password\">hunter22<\/parameter>"}', (r"<\/parameter>",)),
        (r'"\u003cadd key=\"password\" value=\"hunter22\"/\u003e"', (r'\"/\u003e"',)),
        ('<add key="password" value="hunter22 cut o', ('value="',)),
        ("x=%3Cadd+key%3D%22password%22+value%3D%22hunter22%22%2F%3E&y=1", ("%22%2F%3E&y=1",)),
    ],
)  # fmt: skip
def test_a_value_whose_name_stands_beside_it_is_masked(text: str, kept: tuple[str, ...]) -> None:
    masked = mask_bytes(text.encode(), NOTHING).decode()
    assert "hunter22" not in masked
    assert masked.count("[masked:") == 1 + ("a<b/>" in text)
    assert all(part in masked for part in kept)
    if "cut o" in text:
        return
    # where a sieve looks first, too
    assert mask_bytes(FILLER + text.encode() + FILLER, NOTHING) == FILLER + masked.encode() + FILLER


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier_is_known(carrier: str) -> None:
    text = f'<{carrier} name="pin">1234</{carrier}><x-{carrier.title()} KEY = "pin">5678</x-{carrier.title()}>'
    masked = mask_bytes(text.encode(), NOTHING)
    assert b"1234" not in masked
    assert b"5678" not in masked


@pytest.mark.parametrize(
    "text",
    [
        '<error name="invalid_token">duplicate key</error>',
        '<a name="token">Tokens</a>',
        '<property name="color" value="red"/>',
        '<property name="pin" value=""/><property name="sku">tea</property>',
        "<parameters name='pin'>5</parameters>",
        "<param rename='pin'>5</param>",
        "<key>sku</key><string>tea</string>",
        "<key>pin</key> is 5",
        "<key>pin</key><!-- and --> is <b>5</b>",
        "<key>pin</name><a>5</a>",
        "<keys>pin</keys><a>5</a>",
        "<key>pin<!-- no end <a>5</a>",
        '<param name="cardNumber">Visa</param>',
    ],
)
def test_what_names_no_secret_stays(text: str) -> None:
    assert mask_bytes(text.encode(), NOTHING) == text.encode()


def test_the_division_changes_nothing() -> None:
    piece = b'<add key="password" value="hunter22"/><param name="pin">77<b/>88</param><key>cvv</key><st>9</st>\n'
    data = piece * 60
    whole = mask_bytes(data, NOTHING)
    assert not any(value in whole for value in (b"hunter22", b"77", b"88", b">9<"))
    for size in (7, 100, 1001):
        masker = Masker(NOTHING, block=500, ahead=1500)
        parts = [masker.feed(data[at : at + size]) for at in range(0, len(data), size)]
        assert b"".join([*parts, masker.finish()]) == whole


def test_a_value_that_is_longer_than_what_is_in_view_is_masked_to_its_end() -> None:
    for head, end in ((b'<add key="pin" value="', b'"/>'), (b'<param name="pin">', b"</param>")):
        data = head + b"x" * 5000 + end
        masker = Masker(NOTHING, block=300, ahead=600)
        parts = [masker.feed(data[at : at + 100]) for at in range(0, len(data), 100)]
        assert b"".join([*parts, masker.finish()]) == head + b"[masked:pin]" + end


@pytest.mark.parametrize("piece", [b'<param name="pin">', b'<add key="pin" value="', b"<key>pin</key><a>", b"<item ", b"<key>pin<!--", b"<key>pin</key><!--a--><!--", b"<key "])  # fmt: skip
def test_a_hostile_text_takes_no_longer_than_its_size(piece: bytes) -> None:
    data = piece * 10_000
    assert len(mask_bytes(data, NOTHING)) <= len(data) + 100_000
