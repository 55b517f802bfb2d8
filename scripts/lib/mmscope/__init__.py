# SPDX-License-Identifier: GPL-2.0
"""What scripts/mmscope is made of."""
