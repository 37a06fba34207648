"""An exchange to findings: pure, for any bytes, in time linear in their number."""
