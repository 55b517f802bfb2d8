/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MMSCOPE_TEST_TRUTHS_H
#define _MMSCOPE_TEST_TRUTHS_H

struct target;

unsigned int truths_count(void);
void truths_test(const struct target *target);
void truths_test_limited(const struct target *target);

#endif /* _MMSCOPE_TEST_TRUTHS_H */
