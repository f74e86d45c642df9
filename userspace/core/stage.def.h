/* SPDX-License-Identifier: GPL-2.0-only */
/* Every place where bytes are copied, referenced, transformed or discarded, one row each, in the order
 * of the path:
 *
 *   STAGE(id, name, title, short_title, layer, direction, kind, traits, colour, bytes, count)
 *
 * name is the key in results.json, short_title is for the picture and colour the class of its edge; layer,
 * direction, kind and traits as in stage.h; bytes and count are metrics (METRIC_MAX_: nobody counts). Included
 * several times, so it has no include guard.
 */
STAGE(FLATTEN, "flatten", "App flatten (memcpy before send)", "application flattens",
      APP, SEND, COPY, 0, "copy", M_FLATTEN_BYTES, METRIC_MAX_)
/* Counted as a copy whoever fills the pages: read_iter by the CPU (tmpfs, procfs, OpenZFS), or of O_DIRECT from a disk
 * its DMA. Each byte is written to memory once more for each time it is sent, which the page cache's pages are not.
 */
STAGE(SPLICE_READ, "splice_read", "File to fresh pages (copy_splice_read)", "file to fresh pages",
      APP, SEND, COPY, STAGE_OF_FILES, "copy", M_SPLICE_READ_BYTES, M_SPLICE_READS)
STAGE(USER_TO_KERNEL, "user_to_kernel", "User to kernel", "user to kernel",
      SEND, SEND, COPY, STAGE_MUST_BE_SEEN, "copy", M_USER_TO_KERNEL_BYTES, M_USER_TO_KERNEL_COPIES)
STAGE(ZEROCOPY, "zerocopy", "Page reference (zero-copy)", "page reference",
      SEND, SEND, REFERENCE, STAGE_USER_PAGES, "ref", M_ZEROCOPY_BYTES, M_ZEROCOPY_SENDS)
STAGE(SPLICED, "spliced", "Spliced kernel pages", "spliced",
      SEND, SEND, REFERENCE, 0, "ref", M_SPLICED_BYTES, METRIC_MAX_)
STAGE(ENCRYPTED, "encrypted", "Encrypted where it lay (kTLS)", "encrypted (kTLS)",
      SEND, SEND, TRANSFORM, 0, "transform", M_ENCRYPTED_BYTES, METRIC_MAX_)
STAGE(ENCRYPTED_COPY, "encrypted_copy", "Encrypted from a copy (kTLS)", "encrypted (kTLS)",
      STACK, PATH, TRANSFORM, 0, "transform", M_ENCRYPTED_COPY_BYTES, METRIC_MAX_)
STAGE(COPY_UBUFS, "copy_ubufs", "In path: skb_copy_ubufs", "skb_copy_ubufs",
      STACK, PATH, COPY, STAGE_USER_PAGES, "copy", M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS)
STAGE(GSO, "gso", "In path: software GSO", "software GSO",
      STACK, PATH, COPY, 0, "copy", M_GSO_COPY_BYTES, METRIC_MAX_)
STAGE(OTHER, "other", "In path: other payload copies", "other skb copies",
      STACK, PATH, COPY, 0, "copy", M_OTHER_COPY_BYTES, METRIC_MAX_)
STAGE(HEAD, "head", "In path: header copies (not payload)", "header copies",
      STACK, PATH, COPY, STAGE_HEADERS, "head", M_HEAD_COPY_BYTES, M_HEAD_COPIES)
STAGE(DECRYPTED, "decrypted", "Decrypted (kTLS)", "decrypted (kTLS)",
      STACK, RECEIVE, TRANSFORM, 0, "transform", M_DECRYPTED_BYTES, METRIC_MAX_)
STAGE(KERNEL_TO_USER, "kernel_to_user", "Kernel to user", "kernel to user",
      RECEIVE, RECEIVE, COPY, STAGE_MUST_BE_SEEN, "copy", M_KERNEL_TO_USER_BYTES, M_KERNEL_TO_USER_COPIES)
STAGE(MAPPED, "mapped", "Mapped to user (no copy)", "mapped",
      RECEIVE, RECEIVE, REFERENCE, 0, "ref", M_MAPPED_BYTES, METRIC_MAX_)
STAGE(SPLICED_TO_PIPE, "spliced_to_pipe", "Spliced to a pipe (no copy)", "spliced to a pipe",
      RECEIVE, RECEIVE, REFERENCE, 0, "ref", M_SPLICED_TO_PIPE_BYTES, METRIC_MAX_)
STAGE(ZCRX_COPIED, "zcrx_copied", "Kernel to user, by zcrx", "copied by zcrx",
      RECEIVE, RECEIVE, COPY, STAGE_OF_ZCRX, "copy", M_ZCRX_COPIED_BYTES, M_ZCRX_COPIES)
STAGE(ZCRX_REFERENCED, "zcrx_referenced", "Taken by zcrx (no copy)", "taken by zcrx",
      RECEIVE, RECEIVE, REFERENCE, STAGE_OF_ZCRX, "ref", M_ZCRX_REFERENCED_BYTES, METRIC_MAX_)
STAGE(DISCARDED, "discarded", "Discarded (MSG_TRUNC)", "discarded",
      RECEIVE, RECEIVE, DISCARD, 0, "ref", M_DISCARDED_BYTES, METRIC_MAX_)
