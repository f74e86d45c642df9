// SPDX-License-Identifier: GPL-2.0-only
/* What tcpdump is to the kernel: a packet socket that sees every frame of its namespace. Reads and
 * forgets until it is killed.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	static char frame[65536];
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	if (fd < 0) {
		perror("tap: packet socket");
		return 1;
	}
	while (read(fd, frame, sizeof(frame)) >= 0)
		;
	perror("tap: read");
	return 1;
}
