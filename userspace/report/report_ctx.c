// SPDX-License-Identifier: GPL-2.0-only
/* What every format asks of the report being written. */
#include "report/report_ctx.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/log.h"

bool mode_has_stacks(const struct run_set *set, size_t mode, enum stack_kind kind)
{
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (j = 0; r->key.mode == set->plan.mode[mode].name && j < r->stack_cnt; j++)
			if (r->stack[j].kind == kind &&
			    (kind == STACK_OFFCPU ? r->stack[j].ns : r->stack[j].count))
				return true;
	}
	return false;
}

int report_put_file(struct report_ctx *ctx, const char *name,
		    int (*fill)(struct report_ctx *ctx, FILE *out, size_t mode), size_t mode)
{
	_cleanup_close_ int fd = openat(ctx->dirfd, name,
					O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	_cleanup_fclose_ FILE *out = NULL;
	int err;

	if (fd < 0)
		return err_r(-errno, "create %s", name);
	out = fdopen(fd, "w");
	if (!out)
		return err_r(-errno, "create %s", name);
	take_fd(&fd);
	errno = 0;
	err = fill(ctx, out, mode);
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	/* delayed allocation reports a full disk only here */
	if (fclose(take_ptr(out)) && !err)
		err = errno ? -errno : -EIO;
	if (err)
		return err_r(err, "write %s (free some space and run `copyscope report` again)", name);
	return 0;
}
