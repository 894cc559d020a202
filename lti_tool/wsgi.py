"""What gunicorn serves."""

import os
import sys

from lti_tool.app import create_app
from lti_tool.core.log import set_up_logs
from lti_tool.core.settings import load_settings
from lti_tool.paths import folder

# Who writes gives the interpreter away at every statement, and by default gets it back from a thread that computes only
# after 5 ms, while all other writers wait for the turn at the database.
SWITCH_SECONDS = 0.0005

sys.setswitchinterval(SWITCH_SECONDS)
settings = load_settings(os.environ, folder("config") / "default.toml")
set_up_logs(settings.log_level)
app = create_app(settings)
