"""How far a learner is, as a table, a sentence and a picture."""

import matplotlib

from sellerlab import learn
from sellerlab.learn import record

matplotlib.use("Agg")


def test_without_a_record_every_exercise_is_not_tried_yet():
    progress = learn.progress()
    assert progress.not_tried == progress.total == len(progress.table) > 0
    assert set(progress.table["learner"]) == {"demo shop"}


def test_the_counts_the_table_and_the_sentence_agree():
    record.note("mika", "01.1", right=True)
    record.note("mika", "01.2", right=False)
    progress = learn.progress("mika")
    assert (progress.right, progress.tried, progress.right + progress.tried + progress.not_tried) == (
        1,
        1,
        progress.total,
    )
    assert progress.sentence.startswith(f"1 of {progress.total} exercises right, 1 tried")
    rows = progress.table.set_index("exercise")
    assert rows.loc["01.2", ["state", "tries"]].to_list() == ["tried", 1]


def test_everybody_on_the_machine_is_in_the_table_of_the_command():
    record.note("mika", "01.1", right=True)
    record.note("", "01.1", right=False)
    table = learn.progress_table()
    assert set(table["learner"]) == {"mika", "demo shop"}
    assert set(learn.progress_table("mika")["learner"]) == {"mika"}


def test_exercises_that_are_no_longer_in_the_course_are_left_out():
    record.note("mika", "98.1", right=True)
    assert learn.progress("mika").right == 0


def test_the_picture_says_its_states_in_words():
    record.note("mika", "01.1", right=True)
    axes = learn.progress("mika").plot()
    assert [each.get_text() for each in axes.get_legend().get_texts()] == ["right", "not tried"]
    assert axes.get_xlabel() == "exercises"
    matplotlib.pyplot.close(axes.figure)
