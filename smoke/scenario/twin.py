"""The pydantic model of a declaration (`smoke.scenario.base`): made when something is wrong, or for a JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from smoke.scenario.strict import StrictModel

if TYPE_CHECKING:
    from smoke.scenario.base import Model


def twin_of(model: type[Model], hints: dict[str, Any]) -> type[StrictModel]:
    """A model with the same fields, name and description."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        told = {**field.others, "alias": field.alias, "description": field.description}
        if field.has_default:
            told["default"] = field.default
        fields[name] = (hints[name], pydantic.Field(**told))
    return pydantic.create_model(
        model.__name__,
        __base__=StrictModel,
        __doc__=model.__doc__,
        __module__=model.__module__,
        **fields,
    )
