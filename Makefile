# SPDX-License-Identifier: GPL-2.0-only
# copyscope: everything generated goes to $(OUT); `make help` lists the targets.

# ---- configuration -----------------------------------------------------------------------------
VERSION  := $(shell sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md 2>/dev/null | head -n 1)
OUT      ?= build$(if $(filter 1,$(SAN)),-san)
PREFIX   ?= /usr/local
DESTDIR  ?=
CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
INSTALL  ?= install
$(if $(word 2,$(OUT)),$(error OUT=$(OUT): make cannot build in a path with blanks: name another))
Q        := $(if $(filter 1,$(V)),,@)
msg       = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $(patsubst $(OUT)/%,%,$(2));)

ARCH     := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
SRC      := userspace
WARN     := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral \
            -Werror=implicit-function-declaration $(if $(filter 1,$(WERROR)),-Werror)
# Frame pointers: the profiler unwinds its own workload with the kernel's frame-pointer unwinder.
CFLAGS   ?= -O2 -g
# No program tells where it was built: from the same source the same bytes, in any directory.
PLACE    := -ffile-prefix-map="$$PWD"=.
CODE     := -std=gnu11 -D_GNU_SOURCE -DCOPYSCOPE_VERSION='"$(VERSION)"' -fno-omit-frame-pointer \
            -I$(SRC) -I$(OUT) -I. $(PLACE) $(CPPFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
ifeq ($(SAN),1)
CODE     += -fsanitize=address,undefined -fno-sanitize-recover=undefined -O1
LDFLAGS  += -fsanitize=address,undefined
endif
ALL_CFLAGS := $(WARN) $(CODE)
BPF_CFLAGS := -target bpf -D__TARGET_ARCH_$(ARCH) -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Werror \
            -Wno-unused-parameter -Wno-missing-declarations -Ivmlinux -Ibpf $(PLACE)
WORKLOAD_LIBS := -luring -ljansson -lpthread -lm
LIBS          := -lbpf -ldw -lelf -lz $(WORKLOAD_LIBS)

FOLDERS  := core workload probe perf sym observe testbed analysis report cmd
objs      = $(patsubst $(SRC)/%.c,$(OUT)/%.o,$(filter-out %_main.c,$(wildcard $(SRC)/$(1)/*.c)))
lib       = $(OUT)/lib$(1).a
# Link order: users before what they use.
ALL_LIBS := $(foreach f,cmd report analysis testbed observe sym perf probe workload core,$(call lib,$(f)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all static static-arm64 dist release test check check-vm bench install uninstall clean help lint bless fuzz torture race tests

# The workload is used by hand as ./server and ./client.
LINKS    := $(if $(filter build,$(OUT)),server client)

all: $(OUT)/copyscope $(OUT)/server $(OUT)/client $(LINKS) ## build everything (default)

$(LINKS): %: $(OUT)/%
	$(Q)ln -sf $< $@

# What was compiled with other flags than those of today is out of date. Warnings change no program.
FLAGS     := $(OUT)/flags
FLAGS_NOW := $(CC) $(CODE) $(LDFLAGS) $(CLANG) $(BPF_CFLAGS)
ifneq ($(FLAGS_NOW),$(file <$(FLAGS)))
.PHONY: $(FLAGS)
endif
$(FLAGS): export FLAGS_NOW := $(FLAGS_NOW)
$(FLAGS): | $(OUT)/
	$(Q)printf '%s\n' "$$FLAGS_NOW" >$@

# ---- BPF ---------------------------------------------------------------------------------------
SKEL     := $(OUT)/copyscope.skel.h
# clang -target bpf does not know the host's multiarch directory, where <asm/types.h> lives.
BPF_SYS_INCLUDES = $(shell $(CLANG) -v -E - </dev/null 2>&1 | \
	sed -n '/<...> search starts here:/,/End of search list./{ s| \(/.*\)|-idirafter \1|p }')

$(OUT)/bpf.o: bpf/copyscope.bpf.c $(FLAGS) $(wildcard bpf/*.[ch] vmlinux/*.h) | $(OUT)/
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(BPF_SYS_INCLUDES) -c $< -o $@

# Leaves out what a debugger would want to know.
$(OUT)/copyscope.bpf.o: $(OUT)/bpf.o
	$(call msg,GEN-OBJ,$@)
	$(Q)$(BPFTOOL) gen object $@ $<

$(SKEL): $(OUT)/copyscope.bpf.o
	$(call msg,GEN-SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name copyscope_bpf > $@

$(call objs,probe): | $(SKEL)

# ---- user space --------------------------------------------------------------------------------
# report/assets/* become symbols _binary_<name>_start/_end.
ASSETS     := $(wildcard $(SRC)/report/assets/*)
ASSET_OBJS := $(patsubst $(SRC)/report/assets/%,$(OUT)/assets/%.o,$(ASSETS))

define folder
$$(call lib,$(1)): $$(call objs,$(1)) $(if $(filter report,$(1)),$$(ASSET_OBJS))
	$$(call msg,AR,$$@)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder,$(f))))

$(OUT)/assets/%.o: $(SRC)/report/assets/% | $(OUT)/assets/
	$(call msg,EMBED,$@)
	$(Q)cd $(<D) && $(LD) -r -z noexecstack -b binary -o "$(abspath $@)" $(<F)

$(OUT)/%.o: $(SRC)/%.c $(FLAGS)
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/copyscope: $(OUT)/main.o $(ALL_LIBS)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)

$(OUT)/server $(OUT)/client: $(OUT)/%: $(OUT)/workload/%_main.o $(call lib,workload) $(call lib,core)
	$(call msg,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(WORKLOAD_LIBS)

# The same objects, with all of their libraries inside. libdw.a names none of its own: those that are there.
lib_file    = $(wildcard $(patsubst -L%,%/lib$(1).a,$(filter -L%,$(LDFLAGS))) $(shell $(CC) -print-file-name=lib$(1).a))
STATIC_LIBS = $(LIBS) $(foreach l,lzma bz2 zstd,$(if $(call lib_file,$(l)),-l$(l)))

$(OUT)/static/copyscope: $(OUT)/main.o $(ALL_LIBS) | $(OUT)/static/
	$(call msg,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static $^ -o $@ -Wl,--start-group $(STATIC_LIBS) -Wl,--end-group

$(OUT)/static/server $(OUT)/static/client: $(OUT)/static/%: $(OUT)/workload/%_main.o $(call lib,workload) \
		$(call lib,core) | $(OUT)/static/
	$(call msg,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static $^ -o $@ $(WORKLOAD_LIBS)

STATIC := $(addprefix static/,copyscope server client)

static: $(addprefix $(OUT)/,$(STATIC)) ## programs that need no library, into OUT/static

# By Debian's cross compiler, against what it has of the libraries for arm64.
static-arm64: ## the same for arm64, into OUT/vm/arm64/static (needs a Debian mirror the first time)
	$(Q)tests/vm/fetch.sh --sysroot arm64
	$(Q)OUT=$(OUT) tests/vm/build.sh arm64 $(STATIC)

%/:
	$(Q)mkdir -p $@

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

# ---- tests -------------------------------------------------------------------------------------
UNIT_TESTS := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(wildcard tests/unit/test_*.c))

$(OUT)/tests/%: tests/unit/%.c $(ALL_LIBS) | $(OUT)/tests/
	$(call msg,TEST-CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Itests/unit $(LDFLAGS) $< $(ALL_LIBS) -o $@ -lcmocka $(LIBS)

# The BPF programs, compiled for the host: stubs stand in for libbpf's BPF headers.
$(OUT)/tests/test_bpf_%: private ALL_CFLAGS += -Itests/unit/bpf_host

tests: all $(UNIT_TESTS) ## build the unit tests without running them

test: tests ## unit, CLI and (as root) end-to-end tests; needs no network
	$(Q)OUT=$(OUT) tests/run.sh

check: test

$(OUT)/tests/make_inputs: tests/golden/make_inputs.c tests/unit/result_fixture.h $(ALL_LIBS) | $(OUT)/tests/
	$(call msg,TEST-CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit $(LDFLAGS) $< $(call lib,core) -o $@ $(WORKLOAD_LIBS)

bless: all $(OUT)/tests/make_inputs ## renew the golden files: read the difference before committing
	$(Q)$(OUT)/tests/make_inputs tests/golden
	$(Q)OUT=$(OUT) BLESS=1 tests/golden/run.sh

# Everything a fuzzer runs must carry the sanitizers and its coverage, so it is compiled for itself.
FUZZERS    := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -O1
FUZZ_SRCS  := $(wildcard $(foreach f,core analysis report workload testbed,$(SRC)/$(f)/*.c)) $(SRC)/cmd/run_options.c
FUZZ_OBJS  := $(patsubst $(SRC)/%.c,$(OUT)/fuzz/%.o,$(filter-out %_main.c,$(FUZZ_SRCS)))

$(OUT)/fuzz/%.o: $(SRC)/%.c $(FLAGS)
	$(call msg,FUZZ-CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(ALL_CFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(OUT)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_OBJS) $(ASSET_OBJS)
	$(call msg,LINK,$@)
	$(Q)$(CLANG) $(ALL_CFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -o $@ -lz $(WORKLOAD_LIBS)

fuzz: $(FUZZERS) ## run every fuzzer for SECONDS=60; what it finds goes to OUT/fuzz/found
	$(Q)tests/fuzz/run.sh $(or $(SECONDS),60) $^

torture: all ## runs killed, interrupted and made to fail at random for MINUTES=10; SEED=N repeats (root)
	$(Q)OUT=$(OUT) tests/torture/torture.py $(or $(MINUTES),10)

$(OUT)/tests/race: $(wildcard tests/torture/*.[ch]) $(call lib,core) | $(OUT)/tests/
	$(call msg,TEST-CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(filter-out %.h,$^) -o $@ $(WORKLOAD_LIBS)

race: all $(OUT)/tests/race ## a user's symlink and rename races against root's reports, COUNT=1000 times each (root)
	$(Q)$(OUT)/tests/race $(OUT)/copyscope $(or $(COUNT),1000)

check-vm: ## prove the probes on a matrix of kernels in QEMU (K="NAME..." J=guests at once)
	$(Q)OUT=$(OUT) tests/vm/matrix.sh $(if $(J),-j $(J)) $(K)

bench: all ## benchmarks: observer overhead, the modes beside iperf3 and neper (needs root, minutes)
	$(Q)OUT=$(OUT) tests/bench/run.sh

lint: ## include directions, function and file sizes, shellcheck
	$(Q)OUT=$(OUT) scripts/lint.sh

# ---- housekeeping ------------------------------------------------------------------------------
# Of PREFIX=/usr/local every zsh reads site-functions, of /usr Debian's reads what packages put into
# vendor-completions. Others: ZSHDIR=share/zsh/site-functions.
ZSHDIR   ?= share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
MANDIR   := share/man/man8
BASHDIR  := share/bash-completion/completions
FISHDIR  := share/fish/vendor_completions.d
PAGES    := $(wildcard man/*.8)

install: all ## install to PREFIX, below DESTDIR
	$(INSTALL) -d $(foreach d,bin libexec/copyscope lib/systemd/system $(MANDIR) $(BASHDIR) $(ZSHDIR) $(FISHDIR),"$(DESTDIR)$(PREFIX)/$(d)")
	$(INSTALL) -m 755 $(OUT)/copyscope "$(DESTDIR)$(PREFIX)/bin/"
	$(INSTALL) -m 755 $(OUT)/server $(OUT)/client "$(DESTDIR)$(PREFIX)/libexec/copyscope/"
	sed 's|@PREFIX@|$(PREFIX)|' scripts/copyscope.service.in >"$(DESTDIR)$(PREFIX)/lib/systemd/system/copyscope.service"
	$(INSTALL) -m 644 $(PAGES) "$(DESTDIR)$(PREFIX)/$(MANDIR)/"
	$(INSTALL) -m 644 completions/copyscope.bash "$(DESTDIR)$(PREFIX)/$(BASHDIR)/copyscope"
	$(INSTALL) -m 644 completions/_copyscope "$(DESTDIR)$(PREFIX)/$(ZSHDIR)/"
	$(INSTALL) -m 644 completions/copyscope.fish "$(DESTDIR)$(PREFIX)/$(FISHDIR)/"

uninstall: ## remove what install put there
	rm -rf $(foreach f,bin/copyscope libexec/copyscope lib/systemd/system/copyscope.service $(PAGES:man/%=$(MANDIR)/%) \
		$(BASHDIR)/copyscope $(ZSHDIR)/_copyscope $(FISHDIR)/copyscope.fish,"$(DESTDIR)$(PREFIX)/$(f)")

dist: ## the source as OUT/copyscope-VERSION.tar.gz, which builds without git and network
	$(Q)scripts/dist.sh $(OUT)/copyscope-$(VERSION).tar.gz

release: dist static ## source, static programs, SPDX document and checksums, into OUT/release
	$(Q)OUT=$(OUT) scripts/release.sh $(VERSION)

# Of another OUT only what is a build of ours.
clean: ## remove everything generated (reports stay)
	rm -rf build build-san build-clang server client $(if $(wildcard $(FLAGS)),$(OUT))

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1\t/p' Makefile | \
		awk -F'\t' '{ printf "  %-13s %s\n", $$1, $$2 }'
	@echo "  variables: OUT V=1 SAN=1 WERROR=1 CC CPPFLAGS CFLAGS LDFLAGS EXTRA_CFLAGS CLANG BPFTOOL DESTDIR PREFIX ZSHDIR"
