"""What to do about a finding: explanations and the SQL that verifies it."""
