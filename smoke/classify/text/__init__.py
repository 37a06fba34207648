"""The bytes of a response as texts and labelled records, and what is known of each place in them."""
