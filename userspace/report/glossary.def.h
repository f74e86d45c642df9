/* SPDX-License-Identifier: GPL-2.0-only */
/* WORD(term, meaning): what a reader of a report may not know. The page explains a term where it first stands, and lists
 * them all; docs/reading.md goes on from here.
 */
WORD("cell", "one message size with one number of threads")
WORD("ledger", "what two observers counted of the same bytes, held against each other")
WORD("clean pass", "a pass without BPF: throughput, latency, counters and CPU time are its")
WORD("attribution pass", "a pass with the probes attached: copies, stacks and waiting are its")
WORD("copy_ubufs", "skb_copy_ubufs(): the kernel copies what a packet only referred to, before somebody else gets it")
WORD("COPIED", "the flag by which the kernel says, on completion, that it has copied a zero-copy send after all")
WORD("completion", "the kernel's word that it needs the pages of a zero-copy send no more")
WORD("ids", "numbers that a socket gives to its zero-copy sends, by which they are reported complete")
WORD("bound", "not the number itself, but what it is at least, or at most")
WORD("confounder", "what else than the mode may have made the numbers")
WORD("margin", "what is no difference to speak of: --margin")
WORD("local delivery", "to a receiver on this machine, over veth or loopback")
WORD("software GSO", "the kernel cuts large packets itself, and copies while it does, where the device cannot")
WORD("linearizing", "making one block of a packet's parts, by copying")
WORD("off-CPU", "what threads wait for, and for how long")
WORD("zero-copy", "to hand over references to pages instead of copies of the bytes")
WORD("pinned", "held where they are, as long as the kernel refers to them")
