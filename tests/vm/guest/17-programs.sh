# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Real programs, those of the machine that runs this one: its files are there to be read, and in them is the
# end-to-end test that attaches to all of them at once, with bytes held against what the programs say.
# timeout: 300
if [ -z "${HOST_TOP-}" ]; then
    skip "programs of the distribution" "those of the machine that runs this one are of another architecture"
    exit
fi
mkdir -p /host
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /host || exit
for dir in proc sys dev; do mount --rbind "/$dir" "/host/$dir"; done
for dir in tmp run var/tmp; do mount -t tmpfs tmpfs "/host/$dir"; done
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
[ -e /host/usr/bin/bats ] || {
    skip "programs of the distribution" "bats is not installed: scripts/deps.sh test"
    exit
}
for tier in ${TIERS:-${KERNEL_TIERS%%,*}}; do
    chroot /host env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb OUT="$HOST_OUT" TIER="$tier" \
        TIME_FACTOR=10 bats --tap "$HOST_TOP/tests/e2e/attach_all.bats" | sed "s/^\\(.*ok [0-9]* \\)/\\1$tier: /"
done
