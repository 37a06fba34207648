"""What is said of a failed order against the truth in the server's log: faces × shown or masked × errors × sources.

    python tests/benchmarks/chain_matrix.py [--faces rest,html] [--faults incident,check] [--db-trace none] [--counted] [--quiet]

Beside each run somebody else's errors are in both logs, four a second, unless `--quiet`. `--db-trace`: how the
database learns which request it is. Exit status 1 when another's error was named.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import traceback
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from smoke.demo.look import DB_TRACES
from smoke.demo.postgres import EmbeddedServer
from tests.support.chain import SOURCES, Setting, ask, noise, standing
from tests.support.faces import FAULT_TRUTH, SCENARIOS

ASKED = (
    "incident",
    "unique-index",
    "foreign-key",
    "check",
    "not-null",
    "undefined-table",
    "lock-timeout",
    "statement-timeout",
    "too-many-connections",
)


def main() -> int:
    """Print the table; the exit status."""
    options = _options()
    counts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    print(f"{'shop':<40}" + "".join(f"{source:<18}" for source in options.sources), flush=True)
    with EmbeddedServer() as server:
        for face in options.faces:
            for masked in (False, True) if not options.masked else (True,):
                for fault in options.faults:
                    setting = Setting(
                        face,
                        masked,
                        "" if fault == "incident" else fault,
                        options.db_trace,
                        options.log_style,
                        counted=options.counted,
                    )
                    row = _row(server, setting, options.sources, quiet=options.quiet)
                    for source, verdict in row.items():
                        counts[source, masked][verdict] += 1
                    shown = "".join(f"{verdict:<18}" for verdict in row.values())
                    print(f"{setting!s:<40}{shown}", flush=True)
    print()
    for (source, masked), found in sorted(counts.items()):
        share = found["right"] / found.total()
        print(f"{source:<18}{'masked' if masked else 'shown':<8}{share:6.1%} right  {dict(found)}")
    return int(
        any(found["WRONG"] or found["misled"] or found["broken"] for found in counts.values())
    )


def _row(
    server: EmbeddedServer, setting: Setting, sources: list[str], *, quiet: bool
) -> dict[str, str]:
    row = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with standing(server, setting, folder) as (shop, log):
            beside = contextlib.nullcontext() if quiet else noise(server, shop, log)
            with beside:
                for source in sources:
                    try:
                        said = ask(shop, log, setting, source, folder)
                    except Exception:  # noqa: BLE001  (one cell that breaks must not end the table)
                        traceback.print_exc()
                        row[source] = "broken"
                        continue
                    row[source] = said.verdict(setting.truth)
                    if row[source] in {"WRONG", "misled"}:
                        print(f"  {setting}, {source}: {said}", flush=True)
    return row


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=lambda text: text.split(","), default=list(SCENARIOS))
    parser.add_argument("--faults", type=lambda text: text.split(","), default=list(ASKED))
    parser.add_argument("--log-style", default="pino")
    parser.add_argument("--db-trace", default="name", choices=DB_TRACES)
    parser.add_argument("--sources", type=lambda text: text.split(","), default=list(SOURCES))
    parser.add_argument("--masked", action="store_true", help="only answers that hide their error")
    parser.add_argument(
        "--counted", action="store_true", help="the shop's database has pg_stat_statements"
    )
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    unknown = set(options.faces) - set(SCENARIOS) | set(options.faults) - {
        "incident",
        *FAULT_TRUTH,
    }
    if unknown:
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())
