"""Django's settings, made from the environment. Values only; what checks them is elsewhere."""

from typing import Any

from worldsim.databases import database_for
from worldsim.environment import BASE, names_in, read_environment
from worldsim.secret import secret_key_in

ENVIRONMENT = read_environment()

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or secret_key_in(ENVIRONMENT.data)
SECRET_KEY_FALLBACKS = names_in(ENVIRONMENT.secret_key_fallbacks)
ALLOWED_HOSTS = names_in(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = names_in(ENVIRONMENT.trusted_origins)

INSTALLED_APPS = [
    "worldsim.admin_config.AuditAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "lifecycle",
]

MIDDLEWARE = [
    "lifecycle.api.middleware.PrivateMiddleware",
    "lifecycle.api.middleware.ProblemMiddleware",
    "lifecycle.notebook.signs.SignsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lifecycle.notebook.policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lifecycle.api.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lifecycle.notebook.broken.BrokenHistoryMiddleware",
]

ROOT_URLCONF = "worldsim.urls"
WSGI_APPLICATION = "worldsim.wsgi.application"
ASGI_APPLICATION = "worldsim.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["lifecycle.notebook.filters"],
        },
    },
]

DATABASES = {"default": database_for(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "worlds"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = ["worldsim.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE / "static"]
# Static files are served from where they lie, so that a start needs no collectstatic.
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.https
SECURE_HSTS_PRELOAD = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.max_body_bytes

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "lifecycle.api.authentication.AgentTokenAuthentication",
        "lifecycle.api.authentication.AccountSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "lifecycle.api.problems.problem_for_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "worldsim",
    "DESCRIPTION": "Worlds in which agents write, compile, publish and install WebAssembly.",
    "VERSION": "1",
    # Pydantic's schema of a decision speaks JSON Schema 2020-12, which 3.0 does not know.
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# A turn besides waits for a compile of its agent, at most half a minute.
TURN_TASK_TIMEOUT_SECONDS = ENVIRONMENT.turn_seconds + 30 + 60
COMPILE_TASK_TIMEOUT_SECONDS = ENVIRONMENT.compile_timeout_seconds + 60
Q_CLUSTER: dict[str, Any] = {
    "name": "worldsim",
    "label": "Queue",
    "workers": ENVIRONMENT.workers,
    "poll": ENVIRONMENT.queue_poll_seconds,
    # A task that is still running must never be given out again: retry is above timeout. Our
    # own job rows count attempts, so the queue makes none of its own.
    "timeout": COMPILE_TASK_TIMEOUT_SECONDS,
    "retry": COMPILE_TASK_TIMEOUT_SECONDS + 60,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": 100,
    "recycle": 100,
    "scheduler": False,
    # Turns of agents have processes of their own: a model may be silent for minutes, and must not
    # take the places of compiles.
    "ALT_CLUSTERS": {
        "agents": {
            "workers": ENVIRONMENT.agent_workers,
            "timeout": TURN_TASK_TIMEOUT_SECONDS,
            "retry": TURN_TASK_TIMEOUT_SECONDS + 60,
            "max_attempts": 1,
        }
    },
    **({"redis": ENVIRONMENT.redis_url} if ENVIRONMENT.redis_url else {"orm": "default"}),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"refusals": {"()": "worldsim.refusal_lines.RefusalsInOneLine"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refusals"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # It tells of every process and task; what matters is in the job rows and our own lines.
        "django-q": {"level": "WARNING"},
        # They tell of every request to a model; below this level, with the headers of its answer.
        "httpcore2": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "lifecycle": {"level": "INFO"},
    },
}
