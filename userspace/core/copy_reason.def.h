/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel copied inside its path, one row each:
 *
 *   COPY_REASON(id, name, stage, remedy)
 *
 * name is what is printed, and the key in results.json. stage is where such copies are counted, if the
 * function that copies does not decide it (copy_stage()). remedy (or NULL) is what takes the cause away.
 * Which functions on the stack mean which reason: sym/copy_reason.c. Included several times, so it has no
 * include guard.
 */
COPY_REASON(UNKNOWN, "unknown", OTHER, NULL)
COPY_REASON(LOCAL_DELIVERY, "local delivery", OTHER,
	    "the receiver is on this machine (veth, loopback), and the kernel never hands user pages to "
	    "another process: use a NIC with scatter-gather and checksum offload")
COPY_REASON(FRESH_PAGES, "read into fresh pages", SPLICE_READ,
	    "each send reads the file anew, by the CPU or, of O_DIRECT from a disk, by its DMA, and not from the page cache: "
	    "open it without O_DIRECT. Files of procfs, DAX and OpenZFS know no other way since 6.5: keep a copy on tmpfs, "
	    "ext4, XFS ...")
COPY_REASON(PACKET_TAP, "packet tap", OTHER,
	    "stop what captures packets in the sender's namespace: tcpdump, dhclient or another AF_PACKET "
	    "socket (ss -0 lists them)")
COPY_REASON(SOFTWARE_GSO, "software GSO", GSO,
	    "the device has no scatter-gather, checksum or segmentation offload (ethtool -k): switch them "
	    "on or use one that has")
COPY_REASON(LINEARIZE, "linearize", OTHER,
	    "the device takes no fragments: use one with scatter-gather (ethtool -k)")
COPY_REASON(TUN, "tun device", OTHER, "the receiver is a tun device, which never gets user pages")
COPY_REASON(FORWARDING, "forwarding", OTHER,
	    "forwarded packets lose their user pages: send from where the NIC is")
COPY_REASON(RETRANSMIT, "retransmit", HEAD, "avoid loss: retransmitted data is copied again")
COPY_REASON(SOFTWARE_CHECKSUM, "software checksum", HEAD, NULL)
COPY_REASON(EXPANDED_COPY, "expanded copy", OTHER, NULL)
COPY_REASON(FULL_COPY, "full copy", OTHER, NULL)
COPY_REASON(COLLAPSE, "receive queue collapse", OTHER, NULL)
COPY_REASON(MTU_PROBE, "MTU probe", OTHER, NULL)
COPY_REASON(CONDENSE, "receive-side condense", OTHER, NULL)
COPY_REASON(COALESCE, "receive-side coalesce", OTHER, NULL)
COPY_REASON(TLS_GATHER, "TLS record gathered", OTHER,
	    "kTLS wants a record in one piece: give the receiver a larger buffer (sysctl net.ipv4.tcp_rmem), so that it "
	    "need not take what has come of one out of TCP's")
COPY_REASON(TLS_HEADER, "TLS record header", HEAD, NULL)
COPY_REASON(SPLIT, "split before sending", HEAD, NULL)
COPY_REASON(HEADER_ROOM, "header room", HEAD, NULL)
COPY_REASON(HEADER_WRITE, "header write", HEAD, NULL)
COPY_REASON(HEADER_UNCLONE, "header unclone", HEAD, NULL)
COPY_REASON(HEADER_PULL, "header pull", HEAD, NULL)
COPY_REASON(HEADER_COPY, "header copy", HEAD, NULL)
