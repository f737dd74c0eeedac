from __future__ import annotations

from command import yololab


def test_the_train_command_explains_a_wrong_choice_without_a_traceback():
    done = yololab("train", "head=detekt")
    assert done.returncode == 2
    assert "head=detekt: there is no such choice; did you mean 'detect'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_that_diverges_fails_and_is_no_user_error(tmp_path):
    recipe = ("experiment=smoke", "tracker=none", "recipe.optimizer=sgd", "recipe.warmup_epochs=0", "recipe.lr=1e30")
    done = yololab("train", *recipe, f"runtime.root={tmp_path}")
    assert done.returncode == 1
    assert "error: epoch 1, batch" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_word_nothing_is_trained_and_it_is_shown_what_would_be(tmp_path):
    done = yololab("train", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "Nothing was started" in text
    assert "experiment=smoke" in text
    assert not (tmp_path / "runs" / "default").exists()
