from __future__ import annotations

import signal

import pytest

from yololab.run.claim import Watch, take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.status import State, Status
from yololab.sweep.launch.job import Job


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


def test_nothing_is_written_over_a_run_that_somebody_holds(job):
    take(job.folder.path, 0)
    job.record_end(State.INTERRUPTED, {"message": "gone"}, Watch())
    assert job.folder.status().state is State.PLANNED
