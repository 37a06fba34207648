"""Texts and records to drafts of errors, and drafts to findings."""
