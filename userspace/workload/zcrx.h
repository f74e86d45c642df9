/* SPDX-License-Identifier: GPL-2.0-only */
/* What we use of io_uring's zero-copy receive, as include/uapi/linux/io_uring.h and io_uring/zcrx.h of Linux 7.3 have it.
 * The names are ours: a liburing that knows it has the kernel's.
 */
#ifndef WORKLOAD_ZCRX_H
#define WORKLOAD_ZCRX_H

#include <linux/types.h>

#define ZCRX_OP_RECV	   58 /* IORING_OP_RECV_ZC; which instance: sqe->splice_fd_in */
#define ZCRX_REGISTER	   32 /* IORING_REGISTER_ZCRX_IFQ */
#define ZCRX_CONTROL	   36 /* IORING_REGISTER_ZCRX_CTRL */
#define ZCRX_CONTROL_FLUSH 0  /* ZCRX_CTRL_FLUSH_RQ */
#define ZCRX_WITHOUT_NIC   2  /* ZCRX_REG_NODEV, since 7.1 (825f2764919f) */
#define ZCRX_OFFSET_BITS   48 /* IORING_ZCRX_AREA_SHIFT: above are those of the area */
#define ZCRX_USER_MEMORY   1  /* IORING_MEM_REGION_TYPE_USER */

/* struct io_uring_region_desc */
struct zcrx_region {
	__u64 user_addr;
	__u64 size;
	__u32 flags;
	__u32 id;
	__u64 mmap_offset;
	__u64 resv[4];
};
_Static_assert(sizeof(struct zcrx_region) == 64, "io_uring_region_desc");

/* struct io_uring_zcrx_area_reg */
struct zcrx_area {
	__u64 addr;
	__u64 len;
	__u64 token; /* the kernel's */
	__u32 flags;
	__u32 dmabuf_fd;
	__u64 resv[2];
};
_Static_assert(sizeof(struct zcrx_area) == 48, "io_uring_zcrx_area_reg");

/* struct io_uring_zcrx_ifq_reg */
struct zcrx_registration {
	__u32 if_idx;
	__u32 if_rxq;
	__u32 refills; /* rq_entries */
	__u32 flags;
	__u64 area;   /* struct zcrx_area */
	__u64 region; /* struct zcrx_region, of the ring of refills */
	/* From here on the kernel's; head, tail and entries by their offsets in the region. */
	__u32 head, tail, entries, resv1;
	__u64 resv2[2];
	__u32 id;
	__u32 buffer_bytes;
	__u64 resv3[3];
};
_Static_assert(sizeof(struct zcrx_registration) == 96, "io_uring_zcrx_ifq_reg");

/* struct io_uring_zcrx_rqe: memory that the kernel may fill anew */
struct zcrx_refill {
	__u64 offset; /* with the area's token */
	__u32 len;
	__u32 pad;
};
_Static_assert(sizeof(struct zcrx_refill) == 16, "io_uring_zcrx_rqe");

/* struct io_uring_zcrx_cqe, behind the io_uring_cqe: where what came is */
struct zcrx_filled {
	__u64 offset;
	__u64 pad;
};
_Static_assert(sizeof(struct zcrx_filled) == 16, "io_uring_zcrx_cqe");

/* struct zcrx_ctrl */
struct zcrx_control {
	__u32 id;
	__u32 op;
	__u64 resv[8];
};
_Static_assert(sizeof(struct zcrx_control) == 72, "zcrx_ctrl");

#endif
