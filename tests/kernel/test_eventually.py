import asyncio

import pytest

from kernel.testing import eventually


async def test_it_returns_the_first_truthy_answer() -> None:
    answers = iter([0, None, "", 7])
    assert await eventually(lambda: next(answers)) == 7


async def test_it_takes_an_async_condition() -> None:
    ready = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, ready.set)

    async def condition() -> bool:
        return ready.is_set()

    assert await eventually(condition) is True


async def test_it_fails_with_the_last_answer_when_the_time_is_over() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.05 s; last answer: \[\]"):
        await eventually(list, within=0.05)


async def test_an_assertion_inside_the_condition_means_not_yet() -> None:
    answers = iter([1, 2, 3])

    def condition() -> bool:
        assert next(answers) == 3
        return True

    assert await eventually(condition)


async def test_any_other_error_of_the_condition_passes_through() -> None:
    with pytest.raises(KeyError):
        await eventually(lambda: {}["missing"])
