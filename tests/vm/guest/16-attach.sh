# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# `copyscope attach` to our own two programs, which know nothing of it: by process, the ways by TCP one after the other,
# and by cgroup. What it counted is held against what they say: check_attach.sh.
# timeout: 300
listening() { # FILE
    tries=0
    while ! grep -q listening "$1" && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

pair() { # MODE NAME: two connections over loopback; what they say of themselves
    server "$1" 64K 0.3 --json --clients=2 --port 9711 >"$2.server" 2>"$2.err" &
    listening "$2.err"
    client 127.0.0.1 64K 2 0 --until-eof --json --port 9711 >"$2.client" && wait
}

if [ "${PAIRS-}" ]; then # started by copyscope
    for mode in $PAIRS; do pair "$mode" "$NAME-$mode" || exit; done
    exit
fi

ways=$(able A2 A3 sendfile splice uring uring-zc)
skip_modes "$ways" uring uring-zc
ok "attach -- a shell that runs $ways" copyscope attach -q --format json --out process.json -- \
    env PAIRS="$(echo "$ways" | tr , ' ')" NAME=process sh /tests/16-attach.sh

# One cgroup for all below it, which are not there yet.
mkdir /sys/fs/cgroup/attached
copyscope attach --cgroup /attached --freq 0 --format json --out cgroup.json 2>attached &
attach=$!
while ! grep -q attached attached && kill -0 $attach; do sleep 0.1; done
mkdir /sys/fs/cgroup/attached/inner
ok "a program in a cgroup below" env PAIRS=A2 NAME=cgroup \
    sh -c 'echo $$ >/sys/fs/cgroup/attached/inner/cgroup.procs && exec sh /tests/16-attach.sh'
kill -INT $attach
ok "attach --cgroup ends" wait $attach
rmdir /sys/fs/cgroup/attached/inner /sys/fs/cgroup/attached
