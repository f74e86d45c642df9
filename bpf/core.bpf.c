// SPDX-License-Identifier: GPL-2.0-only
/* The one definition of the maps, the configuration and the run gate. Nothing attaches here. */
#define CS_DEFINE_MAPS
#include "core.bpf.h"

const volatile struct cs_config cs_cfg = {};
__u32 cs_active = 0;
__u32 cs_zc_seen = 0;

char LICENSE[] SEC("license") = "GPL";
