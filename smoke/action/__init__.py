"""What `.github/actions/smoke` does in a job of GitHub Actions, step by step: prepare, run, clean up, tell."""
