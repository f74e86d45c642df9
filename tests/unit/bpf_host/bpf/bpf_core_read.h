/* SPDX-License-Identifier: GPL-2.0-only */
/* CO-RE reads for the host: plain member access. Where reading a bad pointer gives 0 in BPF, this crashes. */
#ifndef BPF_HOST_CORE_READ_H
#define BPF_HOST_CORE_READ_H

#define HOST_READ1(s, a)	       ((s)->a)
#define HOST_READ2(s, a, b)	       ((s)->a->b)
#define HOST_READ3(s, a, b, c)	       ((s)->a->b->c)
#define HOST_READ4(s, a, b, c, d)      ((s)->a->b->c->d)
#define HOST_FIFTH(a, b, c, d, e, ...) e

#define BPF_CORE_READ(s, path...) \
	HOST_FIFTH(path, HOST_READ4, HOST_READ3, HOST_READ2, HOST_READ1)(s, path)
#define ___arrow BPF_CORE_READ
#define BPF_CORE_READ_INTO(to, s, path...) memcpy((to), &BPF_CORE_READ(s, path), sizeof(*(to)))
#define BPF_CORE_READ_BITFIELD_PROBED(s, field) ((s)->field)
#define bpf_core_field_exists(field...)	true
#define bpf_core_field_size(field)		sizeof(field)
#define bpf_core_field_offset(type, field)	offsetof(type, field)
#define bpf_core_type_id_kernel(type)		0
#define bpf_core_enum_value(type, value)	(value)

#endif
