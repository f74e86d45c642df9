#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What attach counted is what the programs say of themselves, by way, and adds up.
set -euo pipefail
tests=$(realpath "$(dirname "$0")/..")
cd "$1"

ends() { # NAME: what its pairs said
    local server
    for server in "$1"-*.server; do
        jq --arg mode "$(basename "${server#*-}" .server)" --slurpfile client "${server%.server}.client" \
            '{mode: $mode, connections: 2, server: ., client: $client[0]}' "$server"
    done
}

for name in process cgroup; do
    jq -r --slurpfile ends <(ends $name) -f "$tests/attach.jq" $name.json
done
