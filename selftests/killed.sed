# SPDX-License-Identifier: GPL-2.0
# A kernel log without the traces of those who got no memory. A test makes it short on purpose: the
# kernel shows where the one was that it kills, and, if that one was waiting for a page of its own
# process, that it did not come. Pages that mmscope asks for have no such line: __GFP_NOWARN.
/invoked oom-killer/,/Call Trace:/ { /Call Trace:/d }
/page allocation failure: order:0, mode:[^ ]*(GFP_HIGHUSER_MOVABLE/,/Call Trace:/ { /Call Trace:/d }
