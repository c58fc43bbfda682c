"""{{ cookiecutter.plugin_name }}: a backend for waldur-agent."""
