"""The demo: `lti-tool demo` runs Grand Round inside a pretend VLE, with weeks of talk already on its boards.

`script.py` reads what was said and done from the TOML files here; `stage.py` plays it through the rooms' own actions,
with the clock held at each moment, so that every line of it is what the house itself would have written; `lessons.py`
does the same for teaching; `running.py` starts and stops the processes. Not here: the pretend VLE (`demo_platform`,
which shares no code with the house).
"""

from lti_tool.demo.running import DemoError, reset_demo, run_demo

__all__ = ["DemoError", "reset_demo", "run_demo"]
