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
