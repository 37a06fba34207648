# Installs the smoke that this action came with into an environment of its own, once a job.
set -euo pipefail
python=$(command -v "$INPUT_PYTHON" || command -v python3 || command -v python) || {
  echo "::error title=smoke::there is no Python: put actions/setup-python before this step"
  exit 2
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "::error title=smoke::smoke needs Python 3.11 or newer: put actions/setup-python before this step"
  exit 2
}
source=$(cd "$GITHUB_ACTION_PATH/../../.." && { pwd -W 2> /dev/null || pwd; })  # -W: as Windows writes it
# a name that another version of the action, used by the same job, does not have
environment=${RUNNER_TEMP:?}/smoke-environment-$(printf '%s' "$source $INPUT_EXTRAS" | cksum | cut -d ' ' -f 1)
inside() { if [ -d "$environment/Scripts" ]; then echo "$environment/Scripts/python.exe"; else echo "$environment/bin/python"; fi; }
if [ ! -e "$environment/whole" ]; then
  "$python" -m venv --clear "$environment"
  "$(inside)" -m pip install --quiet --disable-pip-version-check "$source${INPUT_EXTRAS:+[$INPUT_EXTRAS]}"
  : > "$environment/whole"
fi
echo "python=$(inside)" >> "$GITHUB_OUTPUT"
