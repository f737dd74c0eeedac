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


@pytest.mark.parametrize(("error", "state"), [(OSError("disk full"), State.FAILED), (DIVERGED, State.DIVERGED)])
def test_what_a_run_could_only_tell_is_kept(job, error, state):
    take(job.folder.path, 0).release()
    job._heard, tells = multiprocessing.Pipe(duplex=False)
    tell(tells, error)
    job.record_death(1, Watch())
    assert (job.failed_as, job.reason) == (state, str(error))
    assert (job.folder.status().state, job.folder.status().error["class"]) == (state, type(error).__name__)


def test_a_reason_outlives_a_folder_that_takes_nothing(job, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Status, "write", full)
    job._heard, tells = multiprocessing.Pipe(duplex=False)
    tell(tells, OSError("disk full"))
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
