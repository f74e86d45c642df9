/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel copied inside its path, one row each:
 *
 *   COPY_REASON(id, name, stage, test, remedy)
 *
 * name is what is printed, and the key in results.json. stage is where such copies are counted, if the
 * function that copies does not decide it (copy_stage()). test is the guest test that has a kernel make such copies
 * and looks for the reason (tests/vm/guest/NN-TEST.sh, tests/vm/check_TEST.sh), or NULL: its functions are known from
 * the kernel's source, and nobody has seen it. remedy (or NULL) is what takes the cause away.
 * Which functions on the stack mean which reason: sym/copy_reason.c. Included several times, so it has no
 * include guard.
 */
COPY_REASON(UNKNOWN, "unknown", OTHER, NULL, NULL)
COPY_REASON(LOCAL_DELIVERY, "local delivery", OTHER, "ipv6",
	    "the receiver is on this machine (veth, loopback), and the kernel never hands user pages to "
	    "another process: use a NIC with scatter-gather and checksum offload")
COPY_REASON(FRESH_PAGES, "read into fresh pages", SPLICE_READ, "ways",
	    "each send reads the file anew, by the CPU or, of O_DIRECT from a disk, by its DMA, and not from the page cache: "
	    "open it without O_DIRECT. Files of procfs, DAX and OpenZFS know no other way since 6.5: keep a copy on tmpfs, "
	    "ext4 or XFS")
COPY_REASON(ZCRX, "not where a NIC put it", ZCRX_COPIED, "receives",
	    "io_uring's zero-copy receive copies what did not come in the receiver's memory: without a NIC (ZCRX_REG_NODEV) "
	    "all, else what came by another queue, in front of the payload, or when no buffer was free: use a NIC that splits "
	    "headers off, steer the connections to its queue, and return buffers sooner")
COPY_REASON(PACKET_TAP, "packet tap", OTHER, "packet-tap",
	    "stop what captures packets in the sender's namespace: tcpdump, dhclient or another AF_PACKET "
	    "socket (ss -0 lists them)")
COPY_REASON(TX_TIMESTAMP, "transmit timestamp", OTHER, "packet-tap",
	    "timestamps come with the packet that they are of: ask for them by SOF_TIMESTAMPING_OPT_TSONLY")
COPY_REASON(SOFTWARE_GSO, "software GSO", GSO, "software-gso",
	    "the device has no scatter-gather, checksum or segmentation offload (ethtool -k): switch them "
	    "on or use one that has")
COPY_REASON(LINEARIZE, "linearize", OTHER, NULL,
	    "the device takes no fragments: use one with scatter-gather (ethtool -k)")
COPY_REASON(TUN, "tun device", OTHER, NULL, "the receiver is a tun device, which never gets user pages")
COPY_REASON(FORWARDING, "forwarding", OTHER, NULL,
	    "forwarded packets lose their user pages: send from where the NIC is")
COPY_REASON(MIXED_BUFFERS, "two zero-copy buffers", OTHER, NULL,
	    "packets of several sends were joined on the way and are split again: switch GRO off where they are forwarded "
	    "(ethtool -K)")
COPY_REASON(QUEUED, "queued to a program", OTHER, NULL,
	    "netfilter's NFQUEUE or Open vSwitch hands packets to a program: have the kernel's rules decide")
COPY_REASON(ENCRYPTION, "encryption in place", OTHER, NULL,
	    "IPsec, WireGuard and the like write over packets, not over pages of others: let the NIC encrypt (ip xfrm ... "
	    "offload)")
COPY_REASON(XDP, "XDP", OTHER, NULL,
	    "an XDP program on a veth or in generic mode gets packets in pages of its own: attach it to a NIC's driver, or "
	    "use tc")
COPY_REASON(RETRANSMIT, "retransmit", HEAD, NULL, "avoid loss: retransmitted data is copied again")
COPY_REASON(SOFTWARE_CHECKSUM, "software checksum", OTHER, NULL,
	    "pages that a program or a file shares are copied before their checksum is computed: use a device that does "
	    "that (ethtool -k), and no netfilter queue")
COPY_REASON(EXPANDED_COPY, "expanded copy", OTHER, NULL, NULL)
COPY_REASON(FULL_COPY, "full copy", OTHER, NULL, NULL)
COPY_REASON(COLLAPSE, "receive queue collapse", OTHER, NULL, NULL)
COPY_REASON(MTU_PROBE, "MTU probe", OTHER, NULL, NULL)
COPY_REASON(CONDENSE, "receive-side condense", OTHER, NULL, NULL)
COPY_REASON(COALESCE, "receive-side coalesce", OTHER, NULL, NULL)
COPY_REASON(TLS_GATHER, "TLS record gathered", OTHER, NULL,
	    "kTLS wants a record in one piece: give the receiver a larger buffer (sysctl net.ipv4.tcp_rmem), so that it "
	    "need not take what has come of one out of TCP's")
COPY_REASON(TLS_HEADER, "TLS record header", HEAD, NULL, NULL)
COPY_REASON(SPLIT, "split before sending", HEAD, NULL, NULL)
COPY_REASON(HEADER_ROOM, "header room", HEAD, NULL, NULL)
COPY_REASON(HEADER_WRITE, "header write", HEAD, NULL, NULL)
COPY_REASON(HEADER_UNCLONE, "header unclone", HEAD, NULL, NULL)
COPY_REASON(HEADER_PULL, "header pull", HEAD, "e1000e", NULL)
COPY_REASON(HEADER_COPY, "header copy", HEAD, NULL, NULL)
