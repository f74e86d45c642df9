#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Holds each results.json against docs/results.schema.json, and its references against its own tables.
# TAP, without numbers: "ok - FILE", or "not ok - FILE: where: what" for each fault.
# Exit: 0 all are valid, 1 one is not, 2 usage, 77 python3-jsonschema is missing.
set -euo pipefail
tests=$(cd "$(dirname "$0")" && pwd)
# Packages belong to the system's python, whatever comes first in PATH.
python=/usr/bin/python3

[ $# -gt 0 ] || {
    echo "usage: tests/schema.sh FILE..." >&2
    exit 2
}
"$python" -I -c 'import importlib.util as u; exit(not u.find_spec("jsonschema"))' 2>/dev/null || {
    echo "schema.sh: $python has no jsonschema: scripts/deps.sh test" >&2
    exit 77
}
exec "$python" -I "$tests/schema.py" "$tests/../docs/results.schema.json" "$@"
