from __future__ import annotations

from command import yololab


def test_the_train_command_explains_a_wrong_choice_without_a_traceback():
    done = yololab("train", "head=detekt")
    assert done.returncode == 2
    assert "head=detekt: there is no such choice; did you mean 'detect'?" in done.stderr
    assert "Traceback" not in done.stderr
