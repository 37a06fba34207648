"""What differs between operating systems: locks, opening, private modes, flushing, waiting, signals, the shell.

`posix` and `windows` have the same names with the same meaning; `posix` says what each is for. Nobody else asks which
system this is or imports a module that only one of them has (a contract and `tests/unit/test_system.py` hold it).
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from smoke.system import windows as here
else:
    from smoke.system import posix as here

READABLE, WRITABLE = here.READABLE, here.WRITABLE
SHELL = here.SHELL
STOP_SIGNALS = here.STOP_SIGNALS
FOLDERS_MOVE_WHILE_OPEN = here.FOLDERS_MOVE_WHILE_OPEN
lock = here.lock
open_new, open_old = here.open_new, here.open_old
open_growing, open_input, wait_for_input = here.open_growing, here.open_input, here.wait_for_input
make_private_folder, sync_folder = here.make_private_folder, here.sync_folder
replace, rename, remove, remove_tree = here.replace, here.rename, here.remove, here.remove_tree
reserve, read_at, after_hole, disk_use = here.reserve, here.read_at, here.after_hole, here.disk_use
waiter, writable_within = here.waiter, here.writable_within
error_text, BROKEN_PIPES = here.error_text, here.BROKEN_PIPES
UNIX_SOCKETS, EXECUTABLE_SUFFIX = here.UNIX_SOCKETS, here.EXECUTABLE_SUFFIX
trust_authorities = here.trust_authorities
is_root, account, give, is_ours = here.is_root, here.account, here.give, here.is_ours
interrupts_held = here.interrupts_held
apart, kill, child_environment = here.apart, here.kill, here.child_environment
start_on_pipes, ended = here.start_on_pipes, here.ended
keys = here.keys
drop_typed, typed_line = here.drop_typed, here.typed_line
