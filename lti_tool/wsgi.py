"""What gunicorn serves."""

import os

from lti_tool.app import create_app
from lti_tool.core.log import set_up_logs
from lti_tool.core.settings import load_settings
from lti_tool.paths import folder

settings = load_settings(os.environ, folder("config") / "default.toml")
set_up_logs(settings.log_level)
app = create_app(settings)
