"""Where an offering's token comes from. No message ever has a piece of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from .document import Document
from .sections import OfferingSection
from .tree import Where

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NONE = SecretStr("")


def token(
    section: OfferingSection,
    given: Mapping[str, object],
    document: Document,
    where: Where,
    *,
    environ: Mapping[str, str],
    directory: Path,
) -> SecretStr:
    """The token; empty where the file has it empty, or where something is wrong with it.

    A relative ``waldur_api_token_file`` starts from ``directory``.
    """
    inline, file = section.waldur_api_token.get_secret_value(), section.waldur_api_token_file
    key, file_key = (*where, "waldur_api_token"), (*where, "waldur_api_token_file")
    if inline and file:
        document.complain(file_key, "is given beside waldur_api_token", expected="one of them", at_key=True)
    elif file:
        return _from_file(directory / file, document, file_key)
    elif "${" in inline:
        return _from_variable(inline, document, key, environ)
    elif inline:
        return _checked(inline, document, key, "")
    elif given.keys().isdisjoint({"waldur_api_token", "waldur_api_token_file"}):
        document.complain(where, "lacks waldur_api_token", expected="it, or waldur_api_token_file")
    return _NONE


def _from_variable(text: str, document: Document, where: Where, environ: Mapping[str, str]) -> SecretStr:
    reference = _VARIABLE.fullmatch(text)
    if not reference:
        document.complain(
            where, "mixes ${} with other text", expected="the token itself, or ${NAME} and nothing else"
        )
        return _NONE
    name = reference[1]
    if name not in environ:
        document.complain(where, f"names the environment variable {name}, which is not set", expected="a variable")
        return _NONE
    return _checked(environ[name], document, where, f", by the environment variable {name},")


def _from_file(path: Path, document: Document, where: Where) -> SecretStr:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        reason = "which is not text"
    except (OSError, ValueError) as error:
        reason = f"which cannot be read: {getattr(error, 'strerror', None) or error}"
    else:
        return _checked(text, document, where, f", by the file {path},")
    document.complain(where, f"names {path}, {reason}", expected="a file with nothing but the token")
    return _NONE


def _checked(text: str, document: Document, where: Where, source: str) -> SecretStr:
    """A token that can stand in an HTTP header: others make the HTTP library print them in its error."""
    if not text.strip():
        document.complain(where, f"is{source} blank", expected="a token")
    elif not (text.isascii() and text.isprintable()) or " " in text:
        document.complain(where, f"has{source} characters that no token has", expected="printable ASCII, no blanks")
    else:
        return SecretStr(text)
    return _NONE
