"""The first run of what was imported: only where it is wished, once, and what fails at first is told with the line to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import smoke as cli
from tests.support.scripted import Shop, scripted

WRITTEN = "scenarios/shop.yaml"


def imported(
    folder: Path, text: str, *words: str, name: str = "shop.sh", **env: str
) -> tuple[int, str, str]:
    (folder / name).write_text(text, encoding="utf-8")
    done = cli(["import", name, "--to", WRITTEN, *words], folder, env=env or None)
    return done.returncode, done.stdout, done.stderr


def hints(told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith(f"{WRITTEN}:")]


def line_of(folder: Path, part: str) -> int:
    lines = (folder / WRITTEN).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)


def orders(shop: Shop) -> str:
    shop.on("POST /orders", status=201, body={"id": "ORD-7", "created": "2026-11-29T10:00:00Z"})
    return f"curl -d sku=tea {shop.url}/orders"


def test_nothing_is_sent_unless_it_is_wished(tmp_path: Path) -> None:
    with scripted() as shop:
        text = orders(shop)
        assert imported(tmp_path, text)[0] == 0
        status, told, _ = imported(tmp_path, text, "--run", "dry", "--url", shop.url)
        assert (status, shop.seen) == (0, [])
        assert f"POST {shop.url}/orders" in told
        status, told, _ = imported(tmp_path, text, "--run", "once", "--url", shop.url)
        assert (status, shop.paths()) == (0, ["POST /orders"])
        assert hints(told) == []
    (tmp_path / WRITTEN).unlink()
    for words in (["--run", "twice", "--url", shop.url], ["--run", "once"]):
        status, told, problem = imported(tmp_path, text, *words)
        assert (status, told) == (2, "")
        assert "--run" in problem
        assert not (tmp_path / WRITTEN).exists()


def test_what_may_order_unseen_is_not_run(tmp_path: Path) -> None:
    """The last request that changes something orders, where it says checkout; where nothing does, a person has to say it."""
    with scripted() as shop:
        shop.on("POST /basket", status=303, Location="/checkout")
        shop.on("POST /checkout", status=303, Location="/thanks/M-1")
        shop.on("POST /x", body={})
        lines = f"curl -d sku=tea {shop.url}/basket\n"
        words = ["--run", "once", "--url", shop.url]
        status, told, problem = imported(tmp_path, f"{lines}curl -d a=1 {shop.url}/x", *words)
        assert (status, shop.seen) == (2, [])
        assert "no step with places_order" in problem
        assert f"look at {WRITTEN}: No request that places an order was recognised" in problem
        (tmp_path / WRITTEN).unlink()
        status, told, problem = imported(
            tmp_path, f"{lines}curl -d a=1 {shop.url}/checkout", *words
        )
        assert shop.paths() == ["POST /basket", "POST /checkout"]
        assert "1 order LEFT BEHIND" in told
    text = (tmp_path / WRITTEN).read_text(encoding="utf-8")
    assert "it says 'checkout', it is the last one that changes something" in text


@pytest.mark.parametrize(("typed", "sent"), [("\n", 0), ("{url}\n\n", 0), ("{url}\ny\n", 1)])
def test_in_a_terminal_it_asks_and_no_is_the_default(tmp_path: Path, typed: str, sent: int) -> None:
    sitting = pytest.importorskip("tests.support.sitting")
    with scripted() as shop:
        (tmp_path / "shop.sh").write_text(orders(shop), encoding="utf-8")
        shown = sitting.typed_at_once(["import", "shop.sh"], tmp_path, typed.format(url=shop.url))
        assert shop.paths() == ["POST /orders"] * sent
    assert (b"It places a real order" in shown) is ("{url}" in typed)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_of_the_recording_is_told(tmp_path: Path, status: int) -> None:
    with scripted() as shop:
        shop.on("POST /orders", status=status, body={"error": "expired"})
        text = f"curl -H 'authorization: Bearer tok-4f5e6a7b8c9d' -d sku=tea {shop.url}/orders"
        ended, told, _ = imported(
            tmp_path, text, "--run", "once", "--url", shop.url, SHOP_TOKEN="tok-4f5e6a7b8c9d"
        )
    assert ended == 1
    (hint,) = hints(told)
    assert hint.startswith(
        f"{WRITTEN}:{line_of(tmp_path, 'bearer:')}: {status}, and {{{{ secrets.SHOP_TOKEN }}}} was"
    )
    assert "tok-4f5e" not in told


def test_a_forged_form_is_told(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /orders", status=419, body={"message": "CSRF token mismatch."})
        text = f"curl --data '_csrf=abc123&sku=tea' {shop.url}/orders"
        _, told, _ = imported(
            tmp_path, text, "--run", "once", "--url", shop.url, SHOP_CSRF="abc123"
        )
    (hint,) = hints(told)
    assert hint.startswith(
        f"{WRITTEN}:{line_of(tmp_path, '_csrf:')}: 419, and _csrf is sent as it was"
    )


@pytest.mark.parametrize("given", ["cart", "none"])
def test_a_spent_cart_is_told_with_the_capture_that_replaces_it(tmp_path: Path, given: str) -> None:
    """What is told is right: with it the scenario passes."""
    with scripted() as shop:
        shop.on("POST /carts", status=201, body={given: {"id": "cart_77NEW"}})
        shop.on("POST /carts/cart_77NEW/complete", body={"order": {"id": "ORD-7"}})
        shop.on("POST /carts/cart_01HV7Z3K/complete", status=409, body={"error": "completed"})
        text = (
            f"curl -X POST {shop.url}/carts\ncurl -X POST {shop.url}/carts/cart_01HV7Z3K/complete"
        )
        ended, told, _ = imported(tmp_path, text, "--run", "once", "--url", shop.url)
        (hint,) = hints(told)
        assert ended == 1
        assert hint.startswith(
            f"{WRITTEN}:{line_of(tmp_path, 'cart_01HV7Z3K')}: 409, and the id cart_01HV7Z3K is sent as it was recorded"
        )
        if given == "none":
            assert hint.endswith("record the request that makes it too, and capture the id there")
            return
        first = line_of(tmp_path, "POST carts")
        assert (
            f"(line {first}) is answered with one: write capture: {{cart_id: $.cart.id}} there"
            in hint
        )
        path = tmp_path / WRITTEN
        lines = (
            path.read_text(encoding="utf-8").replace("cart_01HV7Z3K", "{{ cart_id }}").splitlines()
        )
        lines = [
            line.replace(
                "url: /carts/{{ cart_id }}/complete", 'url: "/carts/{{ cart_id }}/complete"'
            )
            for line in lines
        ]
        lines.insert(first, "    capture: {cart_id: $.cart.id}")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert cli(["run", WRITTEN, "--url", shop.url], tmp_path).returncode == 0


def test_an_expectation_of_a_value_that_is_new_each_time_is_told(tmp_path: Path) -> None:
    with scripted() as shop:
        orders(shop)
        text = (
            f"POST {shop.url}/orders\n"
            "[FormParams]\nsku: tea\nHTTP 201\n[Asserts]\n"
            'jsonpath "$.created" == "2024-01-02T08:00:00Z"\njsonpath "$.id" == "ORD-6"\njsonpath "$.sku" == "tea"\n'
        )
        _, told, _ = imported(tmp_path, text, "--run", "once", "--url", shop.url, name="shop.hurl")
    found = hints(told)
    assert [each.rpartition(" Write ")[2] for each in found] == [
        '{matches: "^[0-9]{4}-[0-9]{2}-[0-9]{2}"} in its place',
        "{exists: true} in its place",
    ]
    assert found[0].startswith(f"{WRITTEN}:{line_of(tmp_path, '2024-01-02')}:")


@pytest.mark.parametrize("status", [401, 422])
def test_a_request_on_one_line_is_told_of_too(tmp_path: Path, status: int) -> None:
    """As a person writes it, who had the file before: what was run has its result, and no traceback."""
    with scripted() as shop:
        shop.on("POST /orders/A-17/copy", status=status, body={})
        text = f"curl -X POST {shop.url}/orders/A-17/copy"
        (tmp_path / "scenarios").mkdir()
        (tmp_path / WRITTEN).write_text(
            "name: shop\nsecrets: [SHOP_KEY]\nsteps:\n  - name: Order\n"
            '    request: "POST /orders/A-17/copy?key={{ secrets.SHOP_KEY }}"\n'
            "    places_order: {}\n",
            encoding="utf-8",
        )
        words = ["--update", "--run", "once", "--url", shop.url]
        ended, told, problem = imported(tmp_path, text, *words, SHOP_KEY="s3cr3t-k3y-1")
    assert (ended, "Traceback" in problem) == (1, False), problem
    what = {401: "{{ secrets.SHOP_KEY }} was of", 422: "the id A-17 is sent"}[status]
    assert what in "\n".join(hints(told))


def test_keys_and_cards_that_somebody_wrote_into_the_file_are_not_shown(tmp_path: Path) -> None:
    """They stand where no name tells of them."""
    text = 'curl -H \'content-type: application/json\' -d \'{"note": "tea", "tag": "x"}\' https://shop.example/orders'
    assert imported(tmp_path, text)[0] == 0
    path, key = tmp_path / WRITTEN, "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    written = path.read_text(encoding="utf-8")
    written = written.replace("note: tea", 'note: "4242424242424242"').replace("tag: x", f"tag: {key}")  # fmt: skip
    path.write_text(written, encoding="utf-8")
    status, told, problem = imported(tmp_path, text.replace("tea", "green").replace('"x"', '"y"'))
    assert status == 1
    assert "stays, it is yours" in told
    assert [each for each in ("4242424242424242", key[8:]) if each in told + problem] == []
