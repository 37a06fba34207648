"""File names for bodies are valid on every file system, whatever a step is called."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.app.running import new_run_id
from smoke.store.folder import BODIES
from smoke.store.names import BodyNames, slug
from smoke.store.room import GOING

RUN_ID = new_run_id(datetime.now(UTC))

NTFS = re.compile(r'[^<>:"/\\|?*\x00-\x1f]*[^<>:"/\\|?*\x00-\x1f. ]')
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
HOSTILE = st.one_of(
    st.text(max_size=400),
    st.sampled_from(["CON", "con.", "aux.txt", "NUL", "com1", "LPT9 ", "C:\\x", "a:b", "..", "", " ", "\u0130", "ﬁ"]),
    st.from_regex(r"(?i)\A(con|prn|aux|nul|com[0-9]|lpt[0-9])[ .:/-]*\Z"),
)  # fmt: skip


@given(
    st.lists(
        st.tuples(HOSTILE, st.sampled_from(["request", "response", "wire", "tail"])), max_size=30
    )
)
def test_names_are_valid_and_different_on_ntfs_apfs_and_ext4(steps: list[tuple[str, str]]) -> None:
    names = BodyNames()
    made = [names.take(f"{step}.{part}") for step, part in steps]
    for name in made:
        assert NTFS.fullmatch(name)
        assert not DEVICE.fullmatch(name)
        # below --out, while it is removed: Windows takes 260 characters of a path unless it is told otherwise
        assert len(f"{GOING}{RUN_ID}/{BODIES}/{name}".encode()) <= 160
        assert (
            name == name.lower()
        )  # so none is another's in a file system that does not look at case
    assert len({name.casefold() for name in made}) == len(made)


@pytest.mark.parametrize("name", ["con", "CON", "Aux", "nul ", "com7", "lpt0"])
def test_a_step_that_is_called_like_a_device_gets_another_file_name(name: str) -> None:
    assert slug(name) == f"step-{name.strip().lower()}"


def test_a_step_whose_name_only_begins_so_keeps_it() -> None:
    assert [slug(name) for name in ("console", "Com 1", "null")] == ["console", "com-1", "null"]
