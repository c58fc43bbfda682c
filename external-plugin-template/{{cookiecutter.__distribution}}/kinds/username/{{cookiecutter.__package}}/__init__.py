"""{{ cookiecutter.plugin_name }}: local user names for waldur-agent."""
