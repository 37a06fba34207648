"""How a run reaches its deployment: the types of those fields of `RunOptions`, each with its option."""

from typing import Annotated

from smoke.app.declared import (
    Option,
    Takes,
    check_authorities,
    check_client_file,
    check_connect_to,
    check_exempt,
    check_proxy,
    check_resolve,
    rate_problems,
)

Insecure = Annotated[
    bool,
    Option(
        takes=Takes.FLAG,
        remembered=True,
        help="Do not check TLS certificates. Said in every report.",
    ),
]

CaFile = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="FILE",
        file=True,
        opens=check_authorities,
        remembered=True,
        of_target="ca_file",
        help="Certificates (PEM) to trust beside the usual ones.",
    ),
]

ClientCert = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="FILE",
        file=True,
        opens=check_client_file,
        remembered=True,
        of_target="client_cert",
        in_target="The client's certificate (PEM), shown to the target's origin only; a file (from where smoke is started)",
        help="The client's certificate (PEM), its authorities' and its key behind it. Shown to the target's origin only.",
    ),
]

ClientKey = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="FILE",
        file=True,
        opens=check_client_file,
        remembered=True,
        of_target="client_key",
        in_target="The private key (PEM) of the client's certificate, where it is in another file",
        help="The private key (PEM) of the client's certificate, where it is in another file.",
    ),
]

ClientKeyPasswordEnv = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="NAME",
        variable=True,
        remembered=True,
        of_target="client_key_password_env",
        in_target="Environment variable with the password of that key",
        help="Environment variable with the password of the client's key.",
    ),
]

Proxy = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="URL",
        environment="SMOKE_PROXY",
        address=check_proxy,
        remembered=True,
        of_target="proxy",
        in_target="Send through this proxy, http:// or https://; its user may stand in it, the password may not",
        help="Send through this proxy, http:// or https://, with its user before an @; HTTP_PROXY is ignored.",
    ),
]

ProxyPasswordEnv = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="NAME",
        variable=True,
        remembered=True,
        of_target="proxy_password_env",
        in_target="Environment variable with the password of the proxy's user",
        help="Environment variable with the password of the proxy's user.",
    ),
]

NoProxy = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        metavar="HOST",
        address=check_exempt,
        remembered=True,
        of_target="no_proxy",
        in_target="Reached without the proxy: hosts, .domains, addresses, networks, each with a :port if wanted, or *",
        help="Reached without the proxy: a host and what is below it, a .domain, an address, a network (10.0.0.0/8), each "
        "with a :port if wanted, or *; several behind commas.",
    ),
]

Resolve = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        metavar="HOST:PORT:ADDRESS",
        address=check_resolve,
        remembered=True,
        of_target="resolve",
        in_target="Connect to an address in place of what a host resolves to: HOST:PORT:ADDRESS",
        help="Connect to this address for that host and port, as curl does: the URL, Host and the certificate's name stay. "
        "Said in every report.",
    ),
]

ConnectTo = Annotated[
    tuple[str, ...],
    Option(
        takes=Takes.TEXTS,
        metavar="HOST:PORT:HOST:PORT",
        address=check_connect_to,
        remembered=True,
        of_target="connect_to",
        in_target="Connect to another host and port in place of one: HOST:PORT:HOST:PORT",
        help="Connect to the second host and port for the first, as curl does: the URL, Host and the certificate's name "
        "stay. Said in every report.",
    ),
]

Ipv4 = Annotated[
    bool,
    Option(
        takes=Takes.FLAG,
        remembered=True,
        of_target="ipv4",
        help="Connect to IPv4 addresses only.",
    ),
]

Ipv6 = Annotated[
    bool,
    Option(
        takes=Takes.FLAG,
        remembered=True,
        of_target="ipv6",
        help="Connect to IPv6 addresses only.",
    ),
]

Http2 = Annotated[
    bool,
    Option(
        takes=Takes.FLAG,
        remembered=True,
        help="Speak HTTP/2 where the server does (extra http2).",
    ),
]

Rate = Annotated[
    str,
    Option(
        takes=Takes.TEXT,
        metavar="N/UNIT",
        filled=True,
        check=rate_problems,
        remembered=True,
        of_target="rate",
        in_target="At most this many requests in a time, 5/s, 30/m or 100/h, evenly, from all workers together",
        help="At most this many requests in a time, 5/s, 30/m or 100/h, evenly, from all workers together. What a request "
        "waits for it is no time of the shop's.",
    ),
]
