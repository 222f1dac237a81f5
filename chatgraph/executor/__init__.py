"""A compiled executor for graphql-core and Strawberry: a document becomes Python once, and is executed often."""

from chatgraph.executor.batching import batched_by
from chatgraph.executor.executors import CompiledExecutor, StrawberryCompiledExecutor
from chatgraph.executor.items import Items, ItemsKeeper, items_kept_by
from chatgraph.executor.keeping import Keeper, kept_by, lasting
from chatgraph.executor.leaves import written_together
from chatgraph.executor.operations import TURNED_OFF, Operation, compile_operation
from chatgraph.executor.results import Executed
from chatgraph.executor.runtimes import of_class
from chatgraph.executor.variables import is_shareable

__all__ = [
    "TURNED_OFF",
    "CompiledExecutor",
    "Executed",
    "Items",
    "ItemsKeeper",
    "Keeper",
    "Operation",
    "StrawberryCompiledExecutor",
    "batched_by",
    "compile_operation",
    "is_shareable",
    "items_kept_by",
    "kept_by",
    "lasting",
    "of_class",
    "written_together",
]
