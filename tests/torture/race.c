// SPDX-License-Identifier: GPL-2.0-only
/* usage: race COPYSCOPE [COUNT [ATTACK...]], as root
 *
 * Root measures for a user who owns the directory that the report goes into, and who cheats: renames what
 * root made there, puts symbolic links into its place, plants commands for gnuplot. Each attack is tried
 * COUNT times against `copyscope report` and `copyscope run` with SUDO_UID=1000. It has won when anything
 * of root's vault has changed, a command of the user's or gnuplot ran as root, or a file of root's lies in
 * the user's directory. VICTIM=report tries it against that alone, FORMATS=json,csv with those formats: most of
 * the time goes into plots. Exit: 0 nothing won, 1 something did or was not tried, 2 usage, 77 needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "race.h"

#define VICTIM_SECONDS "60"
#define PATH_DIRS     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Below base, which is root's: what root owns, what the user owns, an earlier report of the user's. */
static char base[] = "/tmp/copyscope-race-XXXXXX";
static const char *copyscope;

/* ---- root ---------------------------------------------------------------------------------- */

static int run_program(char *const argv[])
{
	pid_t pid = fork();
	int status, null;

	if (!pid) {
		null = open("/dev/null", O_RDWR);
		if (!getenv("V"))
			dup2(null, 1), dup2(null, 2);
		dup2(null, 0);
		execvp(*argv, argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define RUN(...) run_program((char *const[]){__VA_ARGS__, NULL})
#define CELL	 "--mode", "A1", "--size", "16K", "--threads", "1", "--duration", "0.01", "--repeat", "1"

static const struct victim {
	const char *name;
	char *argv[20];
} victims[] = {
	{"report", {"timeout", VICTIM_SECONDS, NULL, "report", "r"}},
	{"run", {"timeout", VICTIM_SECONDS, NULL, "run", CELL, "--out", "r"}},
	{"run, no --out", {"timeout", VICTIM_SECONDS, NULL, "run", CELL}},
};

static void victim_run(const struct victim *victim)
{
	char *argv[ARRAY_SIZE(victim->argv)];
	char *formats = getenv("FORMATS");
	size_t n = 3;

	memcpy(argv, victim->argv, sizeof(argv));
	argv[2] = (char *)copyscope;
	while (argv[n])
		n++;
	if (formats) {
		argv[n++] = "--format";
		argv[n] = formats;
	}
	run_program(argv);
}

/* Whose effective id is wanted: we are called as BASE/bin/gnuplot, before the real one. */
static int be_gnuplot(char **argv)
{
	const char *self = (const char *)getauxval(AT_EXECFN);
	_cleanup_free_ char *log = xasprintf("%.*s/../gnuplot.log", (int)(strrchr(self, '/') - self), self);
	FILE *f = fopen(log, "a");

	if (f) {
		fprintf(f, "%u\n", geteuid());
		fclose(f);
	}
	setenv("PATH", PATH_DIRS, 1);
	execvp("gnuplot", argv);
	return 127;
}

/* ---- what came of it ----------------------------------------------------------------------- */

static uint64_t sum; /* of the vault */
static unsigned int roots_files;

static void mix(const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		sum = (sum ^ *p++) * 0x100000001b3ULL;
}

/* Its contents are of known size, so that a changed one has another time. */
static int add_to_sum(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const uint64_t facts[] = {st->st_ino, st->st_mode, st->st_uid, st->st_gid, (uint64_t)st->st_size,
				  (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_nsec};

	(void)type;
	(void)ftw;
	mix(path, strlen(path));
	mix(facts, sizeof(facts));
	return 0;
}

static uint64_t vault_sum(void)
{
	sum = 0xcbf29ce484222325ULL;
	nftw("vault", add_to_sum, 16, FTW_PHYS);
	return sum;
}

static int count_roots(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type;
	(void)ftw;
	if (!st->st_uid) {
		roots_files++;
		if (getenv("V"))
			fprintf(stderr, "root's: %s\n", path);
	}
	return 0;
}

/* In a list of ids; *any: it has some. */
static bool has_root_in(const char *path, bool *any)
{
	_cleanup_fclose_ FILE *f = fopen(path, "r");
	unsigned int uid;
	bool root = false;

	*any = false;
	while (f && fscanf(f, "%u", &uid) == 1) {
		*any = true;
		root |= !uid;
	}
	return root;
}

/* ---- the stage of it all ------------------------------------------------------------------- */

static void vault_make(void)
{
	size_t i;

	RUN("rm", "-rf", "vault");
	mkdir("vault", 0755);
	put("vault/precious", "secret\n");
	chmod("vault/precious", 0600);
	mkdir("vault/plots", 0755);
	for (i = 0; i < PLOTS; i++) {
		_cleanup_free_ char *svg = xasprintf("vault/%s.svg", plots[i]);
		_cleanup_free_ char *png = xasprintf("vault/plots/%s.png", plots[i]);

		put(svg, "root's\n");
		put(png, "root's\n");
	}
}

static void user_make(void)
{
	RUN("rm", "-rf", "user", "gnuplot.log");
	mkdir("user", 0755);
	put("gnuplot.log", "");
	chmod("gnuplot.log", 0666);
	if (RUN("cp", "-a", "template", "user/r") || chown("user", USER, USER))
		exit(1);
}

/* Programs and variables of the victims, and an earlier report. */
static void prepare(void)
{
	_cleanup_free_ char *self = realpath("/proc/self/exe", NULL), *path = NULL, *tmp = NULL;

	if (!mkdtemp(base) || chmod(base, 0755) || chdir(base) || mkdir("bin", 0755) ||
	    symlink(self, "bin/gnuplot"))
		exit(1);
	path = xasprintf("%s/bin:" PATH_DIRS, base);
	setenv("PATH", path, 1);
	/* what finds no place is saved there */
	tmp = xasprintf("%s/tmp", base);
	if (mkdir(tmp, 0777) || chmod(tmp, 01777))
		exit(1);
	setenv("TMPDIR", tmp, 1);
	setenv("SUDO_UID", "1000", 1);
	setenv("SUDO_GID", "1000", 1);
	unsetenv("COPYSCOPE_REPORTS");
	if (RUN((char *)copyscope, "run", CELL, "--out", "template") ||
	    RUN("chown", "-R", "1000:1000", "template")) {
		fprintf(stderr, "race: an undisturbed run failed: V=1 shows why\n");
		exit(1);
	}
	strikes = mmap(NULL, sizeof(*strikes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (strikes == MAP_FAILED)
		exit(1);
}

struct score {
	unsigned int tries, vault, command, gnuplot, drawn, files;
};

static void once(const struct attack *attack, const struct victim *victim, struct score *score)
{
	uint64_t before;
	bool any;
	pid_t pid;

	user_make();
	before = vault_sum();
	if (chdir("user"))
		exit(1);
	pid = attacker_start(attack);
	victim_run(victim);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (chdir(base))
		exit(1);
	roots_files = 0;
	nftw("user", count_roots, 16, FTW_PHYS);
	score->tries++;
	score->files += roots_files > 0;
	score->command += has_root_in("user/pwned", &any);
	score->gnuplot += has_root_in("gnuplot.log", &any);
	score->drawn += any;
	if (vault_sum() != before) {
		score->vault++;
		vault_make();
	}
}

/* Returns whether it won, or could not be tried. */
static bool try(const struct attack *attack, const struct victim *victim, unsigned int count)
{
	struct score score = {0};

	*strikes = 0;
	vault_make();
	while (score.tries < count)
		once(attack, victim, &score);
	printf("%-8s %-14s %5u tries, %7u strikes: %u changed root's files, %u ran a command as root, "
	       "%u of %u had gnuplot run as root, %u left files of root's\n", attack->name, victim->name,
	       score.tries, *strikes, score.vault, score.command, score.gnuplot, score.drawn, score.files);
	fflush(stdout);
	return score.vault || score.command || score.gnuplot || score.files || !*strikes ||
	       (!score.drawn && !attack->unnamed);
}

static bool wanted(const struct attack *attack, char **names)
{
	bool any = *names;

	for (; *names; names++)
		if (!strcmp(*names, attack->name))
			return true;
	return !any;
}

static int usage(void)
{
	size_t i;

	fputs("usage: race COPYSCOPE [COUNT [ATTACK...]]\n", stderr);
	for (i = 0; i < attacks_cnt; i++)
		fprintf(stderr, "  %-8s %s\n", attacks[i].name, attacks[i].help);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *only = getenv("VICTIM");
	uint64_t count = 1000;
	bool won = false;
	size_t a, v;

	if (!strcmp(basename(argv[0]), "gnuplot"))
		return be_gnuplot(argv);
	if (argc < 2 || (argc > 2 && parse_u64(argv[2], 1, 1000000, &count)))
		return usage();
	copyscope = realpath(argv[1], NULL);
	if (!copyscope)
		return usage();
	if (geteuid()) {
		fputs("race: needs root, against whom it is\n", stderr);
		return EXIT_CANNOT_RUN;
	}
	prepare();
	for (a = 0; a < attacks_cnt; a++)
		for (v = 0; v < ARRAY_SIZE(victims); v++)
			if (wanted(&attacks[a], argv + MIN(argc, 3)) &&
			    (!only || !strcmp(only, victims[v].name)) &&
			    (v < 2) == !attacks[a].unnamed)
				won |= try(&attacks[a], &victims[v], (unsigned int)count);
	if (chdir("/") || RUN("rm", "-rf", base))
		return EXIT_FAILED;
	puts(won ? "race: lost" : "race: nothing won");
	return won ? EXIT_FAILED : EXIT_OK;
}
