"""What pydantic found wrong, said for an operator: file, line, key, what, and what to do."""

from __future__ import annotations

from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.secrets import secret_for
from bot.yaml_file import Location, YamlFile, dotted, nearest

_MOST = 20
_WANTED = {
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "string_type": 'write text; put quotes around it if it looks like a number: "12"',
    "tuple_type": "write a list: [one, two]",
    "dict_type": "write keys and values below it, indented by two spaces",
    "model_type": "write keys and values below it, indented by two spaces",
    "model_attributes_type": "write keys and values below it, indented by two spaces",
    "string_pattern_mismatch": "use a short word of a-z, 0-9, - and _, beginning with a letter",
}


def explain(
    error: ValidationError,
    source: YamlFile,
    model: type[BaseModel],
    hidden: tuple[str, ...],
) -> str:
    """One line per problem, in the order of the file; `hidden` fields are never suggested."""
    found = sorted(error.errors(include_url=False), key=lambda e: _line(source, e))
    said = [_line_for(detail, source, model, hidden) for detail in found[:_MOST]]
    if len(found) > _MOST:
        said.append(f"{source.name}: and {len(found) - _MOST} more")
    return "\n".join(dict.fromkeys(said))


def _location(detail: ErrorDetails) -> Location:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _line(source: YamlFile, detail: ErrorDetails) -> int:
    return int(source.where(_location(detail)).rpartition(":")[2])


def _line_for(
    detail: ErrorDetails,
    source: YamlFile,
    model: type[BaseModel],
    hidden: tuple[str, ...],
) -> str:
    location = _location(detail)
    known = [name for name in _fields_at(model, location[:-1]) if name not in hidden]
    what = _what(detail, location, known)
    return f"{source.where(location)}: `{dotted(location)}`: {what}"


def _what(detail: ErrorDetails, location: Location, known: list[str]) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        key = str(location[-1])
        if variable := secret_for(dotted(location[:-1]), key):
            return f"secrets are not written in this file: set {variable} in the environment"
        return f"unknown key{nearest(key, known)}: correct or remove it"
    if kind == "missing":
        return "is missing: add it"
    if kind == "value_error":
        return str(detail.get("ctx", {}).get("error", detail["msg"]))
    wanted = _WANTED.get(kind)
    if kind in {"literal_error", "enum"}:
        expected = str(detail.get("ctx", {}).get("expected", ""))
        choices = tuple(part.strip("' ") for part in expected.replace(" or ", ",").split(","))
        return f"{_shown(detail['input'])} is not possible{nearest(str(detail['input']), choices)}"
    said = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{_shown(detail['input'])}: {said}" + (f": {wanted}" if wanted else "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """The field names of the section at a location; empty where there is no section."""
    here: type[BaseModel] | None = model
    for part in location:
        if here is None:
            return []
        field = here.model_fields.get(str(part))
        if field is not None:
            here = _section_in(field.annotation)
    return list(here.model_fields) if here else []


def _section_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if found := _section_in(inner):
            return found
    return None
