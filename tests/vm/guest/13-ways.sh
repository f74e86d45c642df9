# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The other ways into the kernel, each byte of them verified: between two namespaces, and one of each kind over loopback;
# sends that threads of io_uring's make; and a receiver that copies nothing, of files that are read into fresh pages where
# that can be.
# timeout: 600
# Before 6.5 sendfile() to a kTLS socket may wait for ever for room that records take which TCP was told to keep.
whole=ktls-sendfile chunked=
if grep -q ' do_tcp_sendpages$' /proc/kallsyms; then
    whole='' chunked=$(able ktls-sendfile)
fi
# shellcheck disable=SC2086  # one word or none
ways=$(able write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls $whole udp-gso udp-gso-zc unix)
skip_modes "$ways,$chunked" uring uring-zc uring-zc-fixed ktls ktls-sendfile
ok "run --path veth" copyscope run --mode "$ways" --size 64K --threads 4 --duration 0.3 --repeat 1 \
    --freq 0 --verify --path veth --format json --out veth
ok "run --path loopback" copyscope run --mode "$(able sendfile ktls udp-gso-zc unix)" --size 100000 --chunk 30000 --threads 1 --duration 0.3 --repeat 1 \
    --freq 0 --verify --path loopback --format json --out loopback
[ -z "$chunked" ] || ok "run --mode ktls-sendfile --chunk 16K" copyscope run --mode "$chunked" --chunk 16K --size 64K --threads 4 \
    --duration 0.3 --repeat 1 --freq 0 --verify --path veth --format json --out chunk
if [ "$(able uring)" ]; then
    ok "run --issue" copyscope run --issue sqpoll --mode uring --size 64K --threads 2 --duration 0.3 --repeat 1 \
        --freq 0 --verify --path veth --format json --out issue
fi
direct=
if grep -q ' copy_splice_read$' /proc/kallsyms; then
    direct=--direct
else
    skip "run --direct" "this kernel's splices have no read half of their own, nor its tmpfs O_DIRECT"
fi
ok "run --recv trunc $direct" copyscope run $direct --recv trunc --mode sendfile,splice --size 64K --threads 2 \
    --duration 0.3 --repeat 1 --freq 0 --path veth --format json --out "trunc$direct"
