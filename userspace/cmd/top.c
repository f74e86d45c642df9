// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/top.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "core/log.h"

#define ENTER "\033[?1049h\033[?25l" /* another screen, no cursor */
#define LEAVE "\033[?25h\033[?1049l"
/* In the first line, until the next frame has another. */
#define PAUSED	"\033[Hpaused   q: end   p: go on\033[K"
#define GOES_ON "\033[H...\033[K"

struct top {
	struct termios before;
	enum top_sort sort;
	bool paused;
};

static void on_resize(int sig)
{
	(void)sig; /* a wait ends, and the next frame asks how large it is */
}

static void put_terminal(const char *text)
{
	ssize_t n = write(STDOUT_FILENO, text, strlen(text));

	(void)n;
}

/* Stopped, it would leave a terminal that shows no cursor. */
static void begin_signals(void)
{
	struct sigaction sa = {.sa_handler = on_resize};

	sigaction(SIGWINCH, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGTSTP, &sa, NULL);
}

int top_open(struct top **out)
{
	struct top *t = xcalloc(1, sizeof(*t));
	struct termios raw;

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &t->before)) {
		free(t);
		return fail_r(-ENOTTY, "--top needs a terminal: -i SECONDS prints lines instead");
	}
	raw = t->before;
	raw.c_lflag &= (tcflag_t)~(ICANON | ECHO); /* signals stay */
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	begin_signals();
	put_terminal(ENTER);
	*out = t;
	return 0;
}

bool top_keys(struct top *t)
{
	char key;

	while (read(STDIN_FILENO, &key, 1) == 1) {
		if (key == 'q')
			return false;
		if (key == 'p' || key == ' ') {
			t->paused = !t->paused;
			put_terminal(t->paused ? PAUSED : GOES_ON);
		}
		if (key == 's')
			t->sort = (t->sort + 1) % TOP_SORT_MAX_;
	}
	return true;
}

static struct winsize terminal_size(void)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return (struct winsize){.ws_row = 24, .ws_col = 80};
	return size;
}

void top_draw(struct top *t, const struct run_set *now, const struct run_set *interval, bool by_way)
{
	struct winsize size = terminal_size();
	struct top_frame frame = {
		.now = now, .interval = interval, .by_way = by_way,
		.sort = t->sort, .rows = size.ws_row, .columns = size.ws_col,
	};
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (t->paused)
		return;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	attach_top(out, &frame);
	fclose(out);
	put_terminal(text);
	free(text);
}

void top_close(struct top **t)
{
	if (!*t)
		return;
	put_terminal(LEAVE);
	tcsetattr(STDIN_FILENO, TCSANOW, &(*t)->before);
	free(*t);
	*t = NULL;
}
