"""Work beside the page is stopped by its visitor, whenever that is."""

from demo.background import Task, UnderWay


def test_what_was_stopped_before_it_began_tells_nothing() -> None:
    done: list[bool] = []

    def work(task: Task[str]) -> None:
        done.append(task.stopped)
        task.tell("too late")

    running, task = UnderWay(), Task(work)
    running.add("a visitor", task)
    running.stop("a visitor")
    assert list(task.events()) == []
    task.join(10)
    assert done == [True]


def test_stop_waits_for_what_is_under_way() -> None:
    ended: list[bool] = []

    def work(task: Task[str]) -> None:
        task.tell("begun")
        while not task.stopped:
            pass
        ended.append(True)

    running, task = UnderWay(), Task(work)
    running.add("a visitor", task)
    events = task.events()
    assert next(events) == "begun"
    running.stop("a visitor")
    assert ended == [True]
    assert list(events) == []
