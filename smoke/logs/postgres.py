"""The readers of PostgreSQL's formats. Pure."""

from __future__ import annotations

from smoke.logs.csvlog import CsvLog
from smoke.logs.labelled import Fields
from smoke.logs.stderr import Stderr

FIELDS = Fields()
CSVLOG = CsvLog()
STDERR = Stderr()
