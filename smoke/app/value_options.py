"""What a run is given from outside of its scenarios: the types of those fields of `RunOptions`, each with its option."""

from collections.abc import Mapping
from typing import Annotated

from smoke.app.declared import Option, Takes, check_env_file, check_vars_file

Variables = Annotated[
    Mapping[str, str],
    Option(
        takes=Takes.PAIRS,
        names=("--var",),
        metavar="NAME=VALUE",
        help="Set a scenario's variable.",
    ),
]

VarsFiles = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        names=("--vars-file",),
        metavar="FILE",
        file=True,
        opens=check_vars_file,
        remembered=True,
        help="Set scenarios' variables from a mapping in YAML or JSON; --var wins over it. May be given again.",
    ),
]

EnvFiles = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        names=("--env-file",),
        metavar="FILE",
        file=True,
        opens=check_env_file,
        remembered=True,
        help="Variables that the environment lacks, secrets too, from a file of NAME=VALUE lines (.env). "
        "What the environment has wins. May be given again.",
    ),
]
