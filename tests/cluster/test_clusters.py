"""Sweeps on a real Ray cluster of two nodes and on a real SLURM of one, each losing a job on the way.

The SLURM is the one that $SLURM_CONF names (partitions main and urgent, the latter preempting by requeue), or one that
the script in $YOLOLAB_SLURM_START starts.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from timing import patience

TRAIN = Path(__file__).parents[2] / "train.py"
SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.cluster


def start_sweep(root, *overrides):
    options = ["-m", "experiment=smoke", "tracker=none", f"runtime.root={root}", *overrides]
    log = (root / "sweep.log").open("w")
    return subprocess.Popen([sys.executable, str(TRAIN), *options], stdout=log, stderr=log)


def log_of(root):
    return (root / "sweep.log").read_text()[-4000:]


def status_of(folder):
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / "status.json").read_text())
    return {}


def wait_for(condition, seconds, root):
    deadline = time.monotonic() + patience(seconds)
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"nothing came of it within {seconds} s: {log_of(root)}")


def a_running_one(root):
    """Folder of a run that has finished some epochs and goes on."""
    for folder in (root / "smoke").glob("r*"):
        status = status_of(folder)
        if status.get("state") == "running" and status["epoch"] >= 3:
            return folder
    return None


def assert_finished(root, runs, epochs):
    folders = [path.parent for path in (root / "smoke").glob("*/results.json")]
    assert len(folders) == runs, log_of(root)
    for folder in folders:
        rows = list(csv.DictReader((folder / "metrics.csv").open()))
        assert [int(float(row["epoch"])) for row in rows] == list(range(epochs))


@pytest.fixture
def ray_cluster():
    ray = pytest.importorskip("ray", reason="needs yololab[ray]")
    pytest.importorskip("hydra_plugins.hydra_ray_launcher", reason="needs yololab[ray]")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_sweep_on_two_ray_nodes_survives_the_loss_of_one(ray_cluster, tmp_path):
    address = f"hydra.launcher.ray.init.address={ray_cluster.address}"
    process = start_sweep(
        tmp_path, "hydra/launcher=ray_cluster", address, "recipe.epochs=40", "attention=none,eca", "seed=0,1"
    )
    folder = wait_for(lambda: a_running_one(tmp_path), 240, tmp_path)
    attempt = status_of(folder)["attempt"]
    other = next(iter(ray_cluster.worker_nodes))
    ray_cluster.remove_node(other, allow_graceful=False)
    ray_cluster.add_node(num_cpus=1)
    assert process.wait(patience(500)) == 0, log_of(tmp_path)
    assert_finished(tmp_path, runs=4, epochs=40)
    attempts = [len(list(run.glob("claims/*[0-9]"))) for run in (tmp_path / "smoke").glob("r*")]
    assert max(attempts) > 1, "no run was lost with the node"
    assert attempt == 1


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="needs yololab[slurm]")
    if "SLURM_CONF" in os.environ:
        yield os.environ["SLURM_CONF"]
        return
    start = Path(os.environ.get("YOLOLAB_SLURM_START", SHARED / "slurm" / "start.sh"))
    if not start.is_file() or os.geteuid() != 0:
        pytest.skip("no SLURM: set SLURM_CONF, or YOLOLAB_SLURM_START to a script that starts one, as root")
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run(["bash", str(start), str(folder), "2"], check=True, timeout=patience(300))
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    yield os.environ.pop("SLURM_CONF")
    subprocess.run(["bash", str(start.with_name("stop.sh")), str(folder)], check=False, timeout=patience(60))


SLURM = [
    "hydra/launcher=submitit_slurm",
    "hydra.launcher.partition=main",
    "hydra.launcher.cpus_per_task=2",
    "hydra.launcher.timeout_min=20",
    "hydra.launcher.mem_gb=null",
]


def test_a_preempted_slurm_job_goes_on_from_its_checkpoint(slurm, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_CONF", slurm)
    process = start_sweep(tmp_path, *SLURM, "recipe.epochs=30", "seed=0,1")
    folder = wait_for(lambda: a_running_one(tmp_path), 180, tmp_path)
    before = status_of(folder)["epoch"]
    subprocess.run(["sbatch", "-p", "urgent", "-c", "2", "-o", "/dev/null", "--wrap", "sleep 5"], check=True)
    resumed = wait_for(lambda: status_of(folder).get("attempt", 0) > 1 and status_of(folder), 240, tmp_path)
    assert resumed["epoch"] >= before
    assert process.wait(patience(400)) == 0, log_of(tmp_path)
    assert_finished(tmp_path, runs=2, epochs=30)


def test_jobs_go_on_without_their_controller_and_it_may_come_back(slurm, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_CONF", slurm)
    overrides = [*SLURM, "recipe.epochs=20", "seed=0,1"]
    process = start_sweep(tmp_path, *overrides)
    wait_for(lambda: a_running_one(tmp_path), 180, tmp_path)
    process.kill()
    process.wait()
    again = start_sweep(tmp_path, *overrides)
    assert again.wait(patience(500)) == 0, log_of(tmp_path)
    assert_finished(tmp_path, runs=2, epochs=20)
    claims = [len(list(run.glob("claims/*[0-9]"))) for run in (tmp_path / "smoke").glob("r*")]
    assert claims == [1, 1], "a run that went on without its controller was started anew"
