"""How gunicorn runs us. Addresses, processes and threads come from `lti-tool serve` and the settings."""

worker_class = "lti_tool.serving.FairWorker"
keepalive = 5
timeout = 30
graceful_timeout = 20
max_requests = 20000
max_requests_jitter = 2000
accesslog = None  # we log requests ourselves, by route: addresses may hold a visit
errorlog = "-"
loglevel = "warning"
