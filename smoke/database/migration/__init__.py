"""Is a migration applied here? SQL text in, a verdict for each statement out; nothing is run but questions.

From catalogue over claims to verdict:

- `smoke.database.catalogue` reads what is there, a kind of object at a time (`ObjectKind`: its query and its key).
- `claims` are what statements say should be. A rule reads one statement's tree and makes them, in `world` (the script's
  things with their renames); each is a frozen `Wanted` with a `Facet` of a `Thing`.
- `sight.judge(claim, sight)` says whether one holds, in words; `verdict` makes of them that of a statement.

To look up a new kind of statement, such as CREATE STATISTICS, write one file beside the others:

1. Its `ObjectKind`: a query whose rows begin with the object's key, such as schema and name; `{where}` stands for the
   names that are asked about.
2. A subclass of `Wanted`, frozen, with what the statement says as fields (trees of the parser are values too). Its
   `_judge` reads `sight.catalog` under the thing's last name, compares expressions with `sight.canon.same` and returns a
   `Finding`: holds (None: cannot be told), and the sentence. `OfRow`, `OfRelation` and `OfColumn` find the row, table or
   column first, and say that it is not there.
3. A rule: `planner.world.make(kind, name, schema)` gives the thing, `world.need(thing, others)` says without what it
   ends, `world.made_there(thing, YourWanted(…))` claims that it is there, `world.claim(thing, Facet.OWNER, …)` the rest.
4. One line in `rules.RULES`, one in `references.KEPT` so that DROP, RENAME, OWNER TO and COMMENT find it, and its
   cases in `tests/corpus/migrations`: each statement is tried as run, as not run, and as run a little differently.

`statistics` is such a file.
"""
