"""The record holds how far somebody is and nothing else, and never stops a lesson."""

import json

import pytest

from sellerlab.learn import record


def test_nothing_is_recorded_before_the_first_try(home):
    assert record.read() == {}
    assert not home.exists()


def test_tries_are_counted_up_to_the_right_one_and_right_stays_right():
    for right in (False, False, True, False, True):
        record.note("mika", "01.2", right=right)
    assert record.read() == {"mika": {"01.2": {"state": "right", "tries": 3}}}


def test_learners_are_kept_apart():
    record.note("mika", "01.1", right=True)
    record.note("", "01.1", right=False)
    assert record.read()["mika"]["01.1"]["state"] == "right"
    assert record.read()[""]["01.1"]["state"] == "tried"


def test_the_file_holds_handle_exercise_state_and_tries_only(home):
    record.note("美香", "01.1", right=True)
    written = json.loads((home / "progress.json").read_text(encoding="utf-8"))
    assert written == {"version": 1, "learners": {"美香": {"01.1": {"state": "right", "tries": 1}}}}


def test_the_same_tries_write_the_same_bytes(home):
    record.note("mika", "01.1", right=True)
    first = (home / "progress.json").read_bytes()
    (home / "progress.json").unlink()
    record.note("mika", "01.1", right=True)
    assert (home / "progress.json").read_bytes() == first


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no"])
def test_it_can_be_switched_off(home, monkeypatch, word):
    monkeypatch.setenv("SELLERLAB_PROGRESS", word)
    record.note("mika", "01.1", right=True)
    assert not home.exists()


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"learners": 3}', '{"learners": {"mika": {"01.1": 3}}}'])
def test_a_broken_file_counts_as_nothing_tried_and_is_written_anew(home, broken):
    home.mkdir()
    (home / "progress.json").write_text(broken)
    assert record.read() == {}
    record.note("mika", "01.1", right=True)
    assert record.read() == {"mika": {"01.1": {"state": "right", "tries": 1}}}


def test_a_disk_that_cannot_be_written_to_never_stops_a_lesson(home):
    home.write_text("a file where the folder should be")
    record.note("mika", "01.1", right=True)
    assert record.read() == {}


def test_a_write_that_fails_half_way_leaves_the_old_record_and_no_litter(home, monkeypatch):
    record.note("mika", "01.1", right=True)

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(record.Path, "replace", full)
    record.note("mika", "01.2", right=True)
    assert list(record.read()["mika"]) == ["01.1"]
    assert [each.name for each in home.iterdir()] == ["progress.json"]


def test_without_a_setting_it_lies_in_the_learners_home(monkeypatch, tmp_path):
    monkeypatch.delenv("SELLERLAB_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert record.place() == tmp_path / ".sellerlab" / "progress.json"
