"""One module for each question that a failed order asks its database; `smoke.database.enrich` puts them."""
