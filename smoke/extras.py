"""How an extra is installed: the packages that it stands for, so that the command works wherever smoke came from."""

from __future__ import annotations

import re

_EXTRA = re.compile(r"""\bextra\s{0,3}==\s{0,3}["']([a-z0-9-]{1,30})["']""")


def install_command(extra: str) -> str:
    """`python3 -m pip install …` with the packages of an extra (`db`, `demo`, `http2`), as the installed smoke asks for them.

    The packages are named and not `checkout-smoke[db]`: a smoke from a checkout or a wheel is in no index.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        asked = requires("checkout-smoke") or []
    except PackageNotFoundError:  # run from its folder, not installed
        return f"python3 -m pip install '.[{extra}]' in a checkout of smoke"
    packages = []
    for line in asked:
        requirement, _, marker = line.partition(";")
        named = _EXTRA.search(marker)
        if named is not None and named[1] == extra and "checkout-smoke" not in requirement:
            packages.append(f"'{requirement.strip()}'")
    return " ".join(("python3 -m pip install", *packages))
