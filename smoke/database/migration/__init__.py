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
   `judge` reads `sight.catalog` under the thing's last name, compares expressions with `sight.canon.same` and returns a
   `Finding`: holds (None: cannot be told), and the sentence. `OfRelation` and `OfColumn` find the table or column first.
3. A rule: `planner.world.make(kind, name, schema)` gives the thing, `world.need(thing, others)` says without what it
   ends, `world.claim(thing, Facet.THERE, YourWanted(…))` claims, `world.made` says that it was made.
4. One line in `rules.RULES`, one in `references.IN_SCHEMA` so that DROP, RENAME, OWNER TO and COMMENT find it, and its
   cases in `tests/corpus/migrations`: each statement is tried as run, as not run, and as run a little differently.

`statistics` is such a file. Where a rule still hands `world.claim` a function, that is kept as `Asked`: tables, columns,
constraints, indexes and statistics are values, other kinds are not yet.
"""
