"""Infos: what a Strawberry resolver is told of the execution, made only as far as it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import GraphQLResolveInfo

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run


class LazyInfo(strawberry.Info):
    """A `strawberry.Info` for one field of one object of a layer."""

    _run: Run
    _of: tuple[Layer, Field, int]

    @classmethod
    def of(cls, run: Run, layer: Layer, field: Field, index: int) -> LazyInfo:
        """Make the info of a field of the object *index*."""
        info = object.__new__(cls)
        info._run = run
        info._of = layer, field, index
        return info

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo:  # pyright: ignore[reportIncompatibleVariableOverride]
        layer, field, index = self._of
        return self._run.resolve_info(layer, field, index)

    @property
    def _field(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._of[1].strawberry

    @property
    def context(self) -> Any:
        """The context of the execution."""
        return self._run.context
