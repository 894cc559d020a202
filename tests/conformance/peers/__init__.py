"""Whole launches from platforms that others wrote: lti1p3platform, and the LTI consumer of Open edX.

Our own tests sign their own tokens, and so share our reading of the standard; these do not. The same tests are also run
against the smallest pylti1p3 tool, which shows that the platforms here are driven as their authors meant it.
"""
