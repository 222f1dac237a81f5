"""
How often fields are repeated: to see that all of them agree takes time that is quadratic in it.

A field is repeated where its selection has another of the same response key before it, also in another fragment that is
spread there; with it, all that is selected below. Every selection of a document counts, in fragments too that nothing
spreads, since all are validated.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def count_repeats(document: DocumentNode, fragments: Fragments) -> int:
    """Count the fields of a document that are repeated, in a pass over its text and one over what each selection spreads."""
    repeats = 0
    waiting = [
        node.selection_set
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        selected = waiting.pop()
        seen: set[str] = set()
        for field in _fields(selected):
            if _key(field) in seen:
                repeats += _size(field)
            seen.add(_key(field))
            if field.selection_set is not None:
                waiting.append(field.selection_set)
        for fragment in _spread(selected, fragments):
            fields = list(_fields(fragment.selection_set))
            repeats += sum(_size(field) for field in fields if _key(field) in seen)
            seen.update(map(_key, fields))
    return repeats


def _key(field: FieldNode) -> str:
    return (field.alias or field.name).value


def _size(field: FieldNode) -> int:
    """Count a field and those below it."""
    size, waiting = 0, [field]
    while waiting:
        size += 1
        if (selected := waiting.pop().selection_set) is not None:
            waiting += _fields(selected)
    return size


def _fields(selected: SelectionSetNode) -> Iterator[FieldNode]:
    """Give the fields of a selection, those within inline fragments too."""
    return (node for node in _nodes(selected) if isinstance(node, FieldNode))


def _spread(selected: SelectionSetNode, fragments: Fragments) -> Iterator[FragmentDefinitionNode]:
    """Give the fragments that a selection spreads, and those that they spread there, each once."""
    found: set[str] = set()
    waiting = [selected]
    while waiting:
        for node in _nodes(waiting.pop()):
            if isinstance(node, FragmentSpreadNode) and (name := node.name.value) not in found:
                found.add(name)
                if (fragment := fragments.get(name)) is not None:
                    waiting.append(fragment.selection_set)
                    yield fragment


def _nodes(selected: SelectionSetNode) -> Iterator[SelectionNode]:
    """Give what stands in a selection, and within its inline fragments."""
    waiting = [selected]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            if isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
