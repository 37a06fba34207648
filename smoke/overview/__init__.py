"""Many targets on one page: shops in rows, scenarios in columns, each cause once."""
