"""A journal is known as far as all that stands in it was told, in whatever order that came."""

from chatgraph.events.heads import Head


def test_nothing_is_known_of_a_journal_before_somebody_looked() -> None:
    head = Head()
    assert head.is_behind(0)
    assert not head.take(1)
    head.pass_to(0)
    assert head.seq == 1
    assert not head.is_behind(1)


def test_what_is_told_after_a_gap_does_not_hide_the_gap() -> None:
    head = Head()
    head.pass_to(4)
    assert head.take(5)
    assert not head.take(7)
    assert head.is_behind(7)
    assert head.seq == 5


def test_words_that_overtook_each_other_leave_no_gap() -> None:
    head = Head()
    head.pass_to(4)
    for seq in (7, 6, 5, 6):
        head.take(seq)
    assert head.seq == 7
    assert not head.is_behind(7)


def test_who_waits_no_more_for_what_was_lost_goes_on_with_what_was_told_since() -> None:
    head = Head()
    head.pass_to(4)
    for seq in (6, 8, 9):
        head.take(seq)
    head.pass_to(7)
    assert head.seq == 9
    head.pass_to(8)
    assert head.seq == 9
