import pytest

from manifests.functions import SCREENED, Function, function_of


@pytest.mark.parametrize(
    ("document", "identifier", "code", "function"),
    [
        ("745", "", "", Function.LIST),
        ("745", "C", "", Function.LIST),
        ("745", "20260115AC872", "9", Function.LIST),
        ("745", "X1", "5", Function.LIST),  # replaces an earlier list
        ("745", "X1", "2", Function.ADDITIONS),
        ("745", "X1", "4", Function.CHANGES),
        ("745", "cp", "", Function.CHANGES),
        ("745", "XR", "", Function.CANCELLATIONS),
        ("745", "RP", "", Function.CANCELLATIONS),
        ("745", "X1", "3", Function.CANCELLATIONS),
        ("745", "CLOB", "", Function.CLOSE_ON_BOARD),
        ("745", "CC", "", Function.LIST),  # a crew change is one of a crew list
        ("250", "C", "", Function.LIST),
        ("250", "CC", "", Function.CHANGES),
        ("250", "CP", "", Function.CHANGES),
        ("336", "G", "", Function.ADDITIONS),
        ("336", "H", "", Function.CANCELLATIONS),
        ("266", "CL", "", Function.CLOSE),
        ("266", "CLOB", "", Function.CLOSE_ON_BOARD),
        ("266", "CLNB", "", Function.CLOSE_NOT_ON_BOARD),
        ("266", "XF", "", Function.FLIGHT_CANCEL),
        ("266", "CF", "", Function.FLIGHT_CHANGE),
        ("266", "", "9", Function.UNKNOWN),
        ("655", "", "", Function.GATE_PASS),
        ("", "", "", Function.LIST),
        ("999", "Z", "Z", Function.LIST),
    ],
)
def test_what_bgm_asks_for(document: str, identifier: str, code: str, function: Function) -> None:
    assert function_of(document, identifier, code) is function


def test_only_lists_and_their_changes_are_screened() -> None:
    assert {Function.LIST, Function.ADDITIONS, Function.CHANGES} == SCREENED
