/* SPDX-License-Identifier: GPL-2.0-only */
/* The real types of the BPF programs, compiled for the host: there is nothing to relocate. */
#ifndef BPF_HOST_VMLINUX_H
#define BPF_HOST_VMLINUX_H

#ifdef __clang__
#define preserve_access_index annotate("relocated in BPF only")
#else
#pragma GCC diagnostic ignored "-Wunknown-pragmas" /* that attribute, clang's alone */
#endif
#pragma GCC diagnostic ignored "-Wunused-parameter" /* arguments before the one a program reads */

#include "../../../vmlinux/vmlinux.h"

#endif
