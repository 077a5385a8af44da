"""A function of WebAssembly text is found by the index that the binary gives it."""

import pytest

from lifecycle.toolchains.wat_places import find_function

TEXT = """(module $m ;; (func is no function here
  (type (func (param i32))) (; nor (func here (; (func ;) ;)
  (import "a" "(func" (func $log (param i32)))
  (global (import "a" "b") i32)
  (func $first (param (ref func)))
  (export "again" (func 1))
  (elem declare func $first)
  ( func (export "\\"(func") nop)
)"""


@pytest.mark.parametrize(("index", "place"), [(0, (3, 23)), (1, (5, 3)), (2, (8, 3)), (3, None)])
def test_functions_count_in_the_order_of_the_text_and_nothing_else_does(
    index: int, place: tuple[int, int] | None
) -> None:
    assert find_function(TEXT, index) == place


def test_fields_without_a_module_around_them_are_found_too() -> None:
    assert find_function("(func)\n(func)", 1) == (2, 1)


@pytest.mark.parametrize("text", ["", "))))", '"', "(;", '(func "', "(" * 10_000, '"\\' * 10_000])
def test_a_text_that_is_no_module_is_no_place_and_no_failure(text: str) -> None:
    assert find_function(text, 7) is None
