// SPDX-License-Identifier: GPL-2.0-only
/* The object: all concerns in one compilation. Linked from several, no more than one of them could call a given
 * kernel function (libbpf 1.1).
 */
#include "owner.bpf.h"

#include "follow.bpf.c"
#include "receive.bpf.c"
#include "sample.bpf.c"
#include "sched.bpf.c"
#include "send.bpf.c"
#include "skb.bpf.c"
#include "time.bpf.c"
#include "tls.bpf.c"
#include "udp.bpf.c"
#include "unix.bpf.c"
#include "zcrx.bpf.c"
#include "zerocopy.bpf.c"

char LICENSE[] SEC("license") = "GPL";
