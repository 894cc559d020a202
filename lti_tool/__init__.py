"""Grand Round: discussion boards, clinical cases and the teaching calendar inside a trust's VLE, over LTI 1.3."""
