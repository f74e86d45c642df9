// SPDX-License-Identifier: GPL-2.0-only
/* attach_all OBJECT: those of its BPF programs whose tracepoint this kernel has are attached until SIGTERM comes; then,
 * a line a program, its name, runs and ns, which the kernel counts with kernel.bpf_stats_enabled.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct bpf_object *object = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
	struct bpf_program *program;
	sigset_t term;
	int got;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (!object)
		return 1;
	bpf_object__for_each_program(program, object)
		if (bpf_program__set_attach_target(program, 0, strchr(bpf_program__section_name(program), '/') + 1))
			bpf_program__set_autoload(program, false);
	if (bpf_object__load(object))
		return 1;
	bpf_object__for_each_program(program, object)
		if (bpf_program__autoload(program) && !bpf_program__attach(program))
			return 1;
	puts("Attaching done");
	fflush(stdout);
	sigwait(&term, &got);
	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {0};
		__u32 len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
			printf("%s %llu %llu\n", bpf_program__name(program), info.run_cnt, info.run_time_ns);
	}
	return 0;
}
