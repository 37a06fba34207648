"""The pages of docs/reference/, made from the code: each module has functions that return the text of a page."""
