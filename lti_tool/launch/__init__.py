"""Where people come in: a VLE sends them by LTI 1.3, and this room turns its word into a visit.

This is a high door: no room below knows that LTI exists. Files of its own, beside the usual furniture:

- `protocol.py` teaches the launch step by step; read it first. `state.py` is our own signed slip, `jose.py` the home of
  JSON Web Tokens, `claims.py` and `message.py` what a launch says, `faults.py` why one is refused, each with its words.
- `platform.py` makes the room's calls to platforms, through `core.outbound`.

Not here: what a person finds after the launch, and who may do what.
"""
