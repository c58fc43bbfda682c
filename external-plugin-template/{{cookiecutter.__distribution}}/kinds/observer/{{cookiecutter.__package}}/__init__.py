"""{{ cookiecutter.plugin_name }}: hears what waldur-agent does."""
