"""YAML as values that know their line, read with bounded work: no aliases, no tags, bounded depth and size."""

from dataclasses import dataclass

import yaml

DEPTH = 24
NODES = 200_000
BYTES = 4_000_000


@dataclass(frozen=True)
class Lined:
    """A text, a list or a mapping, and the line (from 1) where it begins."""

    value: "str | list[Lined] | dict[str, Lined]"
    line: int


class UnreadableError(Exception):
    """Not YAML that can be used: line, and what to do."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(problem)


def read(content: bytes, faults: list[tuple[int, str]]) -> Lined:
    """The document. Repeated keys become faults (line, problem) and the first stays. Raises UnreadableError."""
    if len(content) > BYTES:
        raise UnreadableError(1, f"has {len(content)} bytes: at most {BYTES} are read, split the pack")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(1, f"byte {error.start} is not UTF-8: save the file as UTF-8") from None
    try:
        return _build(text, faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(mark.line + 1 if mark else 1, f"is not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise UnreadableError(1, f"is not valid YAML: {' '.join(str(error).split())}") from None


def _build(text: str, faults: list[tuple[int, str]]) -> Lined:
    """From the parser's events, without recursion."""
    open_nodes: list[tuple[Lined, Lined | None]] = []  # container, and the key that waits for its value
    document: Lined | None = None
    nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        line = (event.start_mark.line if event.start_mark else 0) + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise UnreadableError(line, "anchors and aliases are not read: write the value out")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag not in {None, "!"}:
            raise UnreadableError(line, f"tag {event.tag} is not read: put the text in quotes")
        nodes += 1
        if nodes > NODES or len(open_nodes) >= DEPTH:
            raise UnreadableError(line, f"more than {NODES} values or deeper than {DEPTH} levels: split it")
        if isinstance(event, yaml.ScalarEvent):
            item = Lined(event.value, line)
        else:
            item = Lined({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        if not open_nodes:
            if document is not None:
                raise UnreadableError(line, "a second document begins: a file holds one pack")
            document = item
        else:
            _attach(open_nodes, item, faults)
        if not isinstance(event, yaml.ScalarEvent):
            open_nodes.append((item, None))
    if document is None:
        raise UnreadableError(1, "is empty: start from policies/packs/examples.yaml")
    return document


def _attach(open_nodes: list[tuple[Lined, Lined | None]], item: Lined, faults: list[tuple[int, str]]) -> None:
    container, key = open_nodes[-1]
    if isinstance(container.value, list):
        container.value.append(item)
    elif isinstance(container.value, dict):
        if key is None:
            if not isinstance(item.value, str):
                raise UnreadableError(item.line, "a key must be a text")
            open_nodes[-1] = (container, item)
            return
        name = str(key.value)
        if name in container.value:
            faults.append((key.line, f"{name} stands twice: remove one"))
        container.value.setdefault(name, item)
        open_nodes[-1] = (container, None)


def plain(item: Lined) -> object:
    """The same without lines, texts as written: what a content hash covers."""
    if isinstance(item.value, dict):
        return {key: plain(value) for key, value in item.value.items()}
    if isinstance(item.value, list):
        return [plain(value) for value in item.value]
    return item.value
