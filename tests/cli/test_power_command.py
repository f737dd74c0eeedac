from __future__ import annotations

import pytest

from command import yololab


def test_a_line_per_number_of_seeds():
    done = yololab("power", "--sd", "0.5", "--rows", "4", "--seeds", "3", "5", "--effect", "1")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split(" find")[0] for line in lines] == ["power: 4 rows x 3 seeds", "power: 4 rows x 5 seeds"]
    assert "1 mAP needs 7 seeds" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a finished STUDY, whose spread is measured, or --sd SD"),
        (["--sd", "0"], "--sd 0: expected a spread above 0"),
        (["--sd", "1", "--rows", "1"], "expected at least 2 rows and 1 seed"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    done = yololab("power", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
