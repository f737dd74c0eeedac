from __future__ import annotations

import errno
import multiprocessing
import signal

import pytest

from yololab.run.claim import Watch, take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.status import State, Status
from yololab.sweep.launch.job import Job
from yololab.sweep.launch.worker import tell
from yololab.training.divergence import DivergedElsewhere

DIVERGED = DivergedElsewhere("a loss is nan")


@pytest.fixture
def job(tmp_path):
    folder = RunFolder(tmp_path / "r0")
    folder.freeze(RunSpec({}, {}, []))
    return Job("seed=0", folder)


def test_a_job_waits_until_it_runs_here_or_elsewhere(job):
    assert job.progress().state is State.WAITING
    job.foreign = True
    assert job.progress().state is State.ELSEWHERE


def test_what_others_run_is_no_attempt_of_ours(job):
    job.attempts = 1
    job.leave_to_others()
    assert (job.foreign, job.attempts) == (True, 0)


@pytest.mark.parametrize(
    ("exit_code", "limit", "kind", "message"),
    [
        (-signal.SIGKILL, None, "Killed", "ended by SIGKILL; the machine may have run out of memory"),
        (-signal.SIGSEGV, None, "Killed", "ended by SIGSEGV; see"),
        (3, None, "Exited", "exit status 3 and no message"),
        (-signal.SIGKILL, "over its time limit of 1 minutes", "LimitBroken", "over its time limit of 1 minutes"),
    ],
)
def test_a_death_is_recorded_with_its_reason(job, exit_code, limit, kind, message):
    take(job.folder.path, 0).release()
    job.broken_limit = limit
    job.record_death(exit_code, Watch())
    status = job.folder.status()
    assert (status.state, status.error["class"], status.attempt) == (State.FAILED, kind, 1)
    assert message in job.reason


def test_what_a_run_said_itself_is_kept(job):
    take(job.folder.path, 0).release()
    Status(State.FAILED, attempt=1, error={"class": "ValueError", "message": "its own words"}).write(job.folder.path)
    job.record_death(1, Watch())
    assert job.reason == "its own words"


def told_by_its_process(job, error):
    job._line, tells = multiprocessing.Pipe(duplex=False)
    tell(tells, error)
    job.hang_up()


def test_the_line_to_an_ended_process_is_closed(job):
    told_by_its_process(job, ValueError("x"))
    assert job._line is None
    assert job.told["message"] == "x"
    job.hang_up()


def test_what_was_just_told_wins_over_an_earlier_attempts_failure(job):
    take(job.folder.path, 0).release()
    Status(State.DIVERGED, attempt=1, error={"class": "Diverged", "message": "nan"}).write(job.folder.path)
    told_by_its_process(job, OSError("no room to begin again"))
    job.record_death(1, Watch())
    assert (job.failed_as, job.reason) == (State.FAILED, "no room to begin again")


def test_what_the_folder_says_of_the_same_error_has_its_traceback(job):
    take(job.folder.path, 0).release()
    error = {"class": "ValueError", "message": "x" * 9000, "traceback": "traceback.txt"}
    Status(State.FAILED, attempt=1, error=error).write(job.folder.path)
    told_by_its_process(job, ValueError("x" * 9000))
    job.record_death(1, Watch())
    assert job.error == error


def test_another_ranks_error_is_told_where_the_first_was_killed_for_it(job):
    take(job.folder.path, 0).release()
    (job.folder.path / "error_rank1.json").write_text('{"class": "MachineError", "message": "rank 1: no memory"}')
    job.record_death(-signal.SIGKILL, Watch())
    assert job.reason == "rank 1: no memory"


@pytest.mark.parametrize(("error", "state"), [(OSError("disk full"), State.FAILED), (DIVERGED, State.DIVERGED)])
def test_what_a_run_could_only_tell_is_kept(job, error, state):
    take(job.folder.path, 0).release()
    told_by_its_process(job, error)
    job.record_death(1, Watch())
    assert (job.failed_as, job.reason) == (state, str(error))
    assert (job.folder.status().state, job.folder.status().error["class"]) == (state, type(error).__name__)


def test_a_reason_outlives_a_folder_that_takes_nothing(job, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Status, "write", full)
    told_by_its_process(job, OSError("disk full"))
    job.record_death(1, Watch())
    assert job.reason == "disk full"


def test_a_run_that_said_it_diverged_is_believed(job):
    take(job.folder.path, 0).release()
    Status(State.DIVERGED, attempt=1, error={"class": "Diverged", "message": "nan"}).write(job.folder.path)
    job.record_death(1, Watch())
    assert (job.failed_as, job.reason) == (State.DIVERGED, "nan")


def test_nothing_is_written_over_a_run_that_somebody_holds(job):
    take(job.folder.path, 0)
    job.record_end(State.INTERRUPTED, {"message": "gone"}, Watch())
    assert job.folder.status().state is State.PLANNED
