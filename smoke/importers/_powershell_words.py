"""Commands of PowerShell that send, those that change nothing, and the parameters of the former."""

from __future__ import annotations

import re

REQUESTS = {"invoke-restmethod": False, "irm": False, "invoke-webrequest": True, "iwr": True}
HARMLESS = re.compile(
    r"(?:Write-\w+|Set-StrictMode|Import-Module|Add-Type|Clear-Host|Out-\w+|echo|exit|return|throw|break|continue|cls|\[CmdletBinding|Set-Location|cd|"
    r"\$ErrorActionPreference|\$ProgressPreference|\$InformationPreference|\[Net\.ServicePointManager\]|\[System\.Net\.ServicePointManager\]|\[Console\])(?!\w)",
    re.IGNORECASE,
)
FLAGS = {"usebasicparsing", "skipcertificatecheck", "skiphttperrorcheck", "allowunencryptedauthentication", "disablekeepalive", "verbose", "skipheadervalidation", "noproxy", "passthru", "followrellink"}  # fmt: skip
VALUES = {"uri", "method", "custommethod", "headers", "body", "contenttype", "form", "infile", "outfile", "timeoutsec", "websession", "sessionvariable", "useragent", "maximumredirection", "maximumretrycount", "retryintervalsec", "authentication", "token", "credential", "erroraction", "statuscodevariable", "responseheadersvariable", "errorvariable", "proxy", "httpversion", "connectiontimeoutseconds", "transferencoding"}  # fmt: skip
UNUSED = {"maximumretrycount": "it would send the request again", "credential": "a credential", "infile": "a file as its body", "transferencoding": "a coding", "proxy": "a proxy"}  # fmt: skip


_ADDED = re.compile(
    r"(?m)^([ \t]{0,40}\$\w{1,60})\.Add\([ \t]{0,9}(\"[^\"`$\n]{1,200}\"|'[^'\n]{1,200}')[ \t]{0,9},[ \t]{0,9}([^\n]{1,10000})\)[ \t;\r]{0,9}$"
)
_OBJECTS = re.compile(
    r"New-Object[ \t]{1,9}(?:-TypeName[ \t]{1,9})?[\"']?(?:Microsoft\.PowerShell\.Commands\.WebRequestSession|(?:System\.)?(?:Net\.Cookie(?![\w(])|Collections\."
    r"(?:Hashtable|Specialized\.OrderedDictionary|Generic\.Dictionary\[\[?[\w.]{1,40}\]?,[ ]?\[?[\w.]{1,40}\]?\])))[\"']?(?:\(\))?",
    re.IGNORECASE,
)


def with_hashtables(text: str) -> str:
    """A script whose dictionaries and sessions are hashtables, and what is added to them assigned, as browsers and request tools write; lines stay."""
    return _ADDED.sub(r"\1[\2] = \3", _OBJECTS.sub("@{}", text))
