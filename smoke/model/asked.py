"""What a run was asked to do, and of which deployment: remembered for the commands that go on from it."""

from __future__ import annotations

from msgspec import Struct


class Target(Struct, frozen=True):
    """The deployment under test, as far as it is known."""

    name: str = ""
    """Its name in the targets file; empty where only a URL was given."""
    url: str = ""
    """Where requests went."""
    version: str = ""
    """The build that answered, where one was asked for."""
    expected_version: str = ""
    """The build that was waited for."""
    insecure: bool = False
    """Whether certificates were not checked."""
    proxy: str = ""
    """The proxy, without credentials."""
    allowed_hosts: tuple[str, ...] = ()
    """Other origins that requests might go to."""
    client_cert: str = ""
    """The file with the client's certificate, which was shown to the target's origin."""
    resolve: tuple[str, ...] = ()
    """Each `--resolve`: addresses that were connected to in place of what a host resolves to."""
    connect_to: tuple[str, ...] = ()
    """Each `--connect-to`: hosts and ports that were connected to in place of others."""

    @property
    def detours(self) -> tuple[str, ...]:
        """What said that connections were made elsewhere than the URL does, as it was given."""
        pinned = (f"--resolve {text}" for text in self.resolve)
        return (*pinned, *(f"--connect-to {text}" for text in self.connect_to))


class Shard(Struct, frozen=True):
    """The part of a selection that one of several runs carries out. All of them are the selection, each scenario once."""

    number: int = 1
    """Which part this is, from 1."""
    count: int = 1
    """How many parts there are."""
    selected: tuple[str, ...] = ()
    """Every scenario of the whole selection, in its order."""
    scenarios: tuple[str, ...] = ()
    """Those that are this run's."""

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class Asked(Struct, frozen=True):
    """What a run was asked to do, for the commands that go on from it. Nothing secret is in it."""

    selectors: tuple[str, ...] = ()
    """The scenarios: names, paths, tags."""
    url: str = ""
    """The `--url`; empty where a target gave it."""
    targets_file: str = ""
    """The `--targets`."""
    variables: tuple[tuple[str, str], ...] = ()
    """Each `--var`, as name and value."""
    headers: tuple[tuple[str, str], ...] = ()
    """Each `--header`, as name and value."""
    allow_hosts: tuple[str, ...] = ()
    """Each `--allow-host`."""
    options: tuple[str, ...] = ()
    """The other options, as words of a command line."""
    timeout: float = 30.0
    """Seconds for one request."""
    ca_file: str = ""
    """The `--ca-file`."""
    proxy: str = ""
    """The `--proxy`, where there is no password in it."""
    proxy_password_env: str = ""
    """The `--proxy-password-env`: a name, never what it holds."""
    no_proxy: tuple[str, ...] = ()
    """Each `--no-proxy`."""
    client_cert: str = ""
    """The `--client-cert`."""
    client_key: str = ""
    """The `--client-key`."""
    client_key_password_env: str = ""
    """The `--client-key-password-env`: a name, never what it holds."""
    http2: bool = False
    """Whether HTTP/2 was asked for."""
    dsn_env: str = ""
    """The `--dsn-env`."""
    database: bool = False
    """Whether a database was at hand."""
    log: bool = False
    """Whether a log was at hand."""
    left_out: tuple[str, ...] = ()
    """Options whose values were not kept, because they would be masked in the evidence."""
    no_trace: bool = False
    """Whether requests carried no ids of their own."""
    env_files: tuple[str, ...] = ()
    """Each `--env-file`: its name, never what it holds."""
    file_values: tuple[tuple[str, str], ...] = ()
    """What each `--vars-file` gave, as name and JSON."""
