/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results of a C test as KTAP version 1, and nothing else.
 *
 * The kernel's own helpers are not in the selftests of 5.10 and 6.1, and differ
 * later, so the suite has its own. The plan is given first and must add up: a
 * test that stops half way is a failed test.
 */
#ifndef _MMSCOPE_KTAP_H
#define _MMSCOPE_KTAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler.h"

/* Exit codes of kselftest. */
#define KTAP_PASS	0
#define KTAP_FAIL	1
#define KTAP_SKIP	4

/* One for the whole test, in lib.c. */
extern struct ktap {
	unsigned int planned, run, failed, skipped;
} ktap;

/**
 * ktap_start() - print version and plan
 * @planned: number of results that will follow
 */
static inline void ktap_start(unsigned int planned)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ktap.planned = planned;
	printf("KTAP version 1\n1..%u\n", planned);
}

/**
 * ktap_ok() - one result
 * @ok: whether it holds
 * @fmt: what was claimed, no '#'
 *
 * Return: @ok.
 */
__printf(2, 3)
static inline bool ktap_ok(bool ok, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%s %u ", ok ? "ok" : "not ok", ++ktap.run);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	if (!ok)
		ktap.failed++;
	return ok;
}

/**
 * ktap_skip() - one result that cannot be had here
 * @name: what would have been claimed
 * @fmt: why it cannot
 */
__printf(2, 3)
static inline void ktap_skip(const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("ok %u %s # SKIP ", ++ktap.run, name);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	ktap.skipped++;
}

/**
 * ktap_note() - a diagnostic line
 * @fmt: text
 */
__printf(1, 2)
static inline void ktap_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("# ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
}

/**
 * ktap_finish() - sum up
 *
 * Return: The exit code: a plan that does not add up is a failure, as is a test
 * of which nothing ran.
 */
static inline int ktap_finish(void)
{
	if (ktap.run != ktap.planned)
		ktap_note("planned %u results, saw %u", ktap.planned, ktap.run);
	if (ktap.failed || ktap.run != ktap.planned)
		return KTAP_FAIL;
	return ktap.skipped == ktap.run ? KTAP_SKIP : KTAP_PASS;
}

/**
 * ktap_bail() - the test itself broke: it cannot say anything
 * @fmt: what happened; errno is added
 */
__printf(1, 2) __noreturn
static inline void ktap_bail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("Bail out! ", stdout);
	vprintf(fmt, args);
	printf(": %m\n");
	va_end(args);
	exit(KTAP_FAIL);
}

/**
 * ktap_skip_all() - nothing of this test can be had here
 * @why: the reason
 */
__noreturn
static inline void ktap_skip_all(const char *why)
{
	printf("KTAP version 1\n1..0 # SKIP %s\n", why);
	exit(KTAP_SKIP);
}

#endif /* _MMSCOPE_KTAP_H */
