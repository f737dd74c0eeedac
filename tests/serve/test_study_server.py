from __future__ import annotations

import http.client
import json
import re
import threading

import pytest

from study.case import record
from yololab.run.folder import RunFolder
from yololab.run.spec import RunSpec
from yololab.run.status import State, Status
from yololab.serve.study_server import StudyServer

WAITING = "r0123456789"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished run with a picture, one that waits, and what must not be served."""
    place = tmp_path_factory.mktemp("served")
    (place / "secret.jpg").write_bytes(b"secret")
    study = place / "s"
    done = record(0, 0.5, attention="<b>")
    folder = RunFolder(study / done.run_id)
    folder.freeze(RunSpec({"runtime": {}}, {"attention": "<b>"}, ["attention=<b>", "seed=0"]))
    done.write(folder.path)
    (folder.path / "predictions").mkdir()
    (folder.path / "predictions" / "a b.jpg").write_bytes(b"picture")
    (folder.path / "predictions" / "link.jpg").symlink_to(place / "secret.jpg")
    folder.metrics_file.write_text("epoch,val/mAP\n0,0.25\n1,0.5\n")
    waiting = RunFolder(study / WAITING)
    waiting.freeze(RunSpec({"runtime": {}}, {}, ["attention=none", "seed=0"]))
    Status(State.PLANNED, epochs=4).write(waiting.path)
    (study / "r9999999999").symlink_to(folder.path)
    return study, done.run_id


@pytest.fixture(scope="module")
def server(study):
    found = StudyServer(study[0])
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def ask(server, path, method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer, answer.read()


def test_the_state_is_that_of_the_runs(server, study):
    answer, content = ask(server, "/state.json")
    assert answer.headers["Content-Type"] == "application/json"
    runs = {run["run"]: run for run in json.loads(content)["runs"]}
    assert runs[study[1]]["state"] == "done"
    assert runs[study[1]]["label"] == "attention=<b>"
    assert runs[study[1]]["curve"] == [[1, 25], [2, 50]]
    assert runs[study[1]]["pictures"] == ["predictions/a b.jpg"]
    assert (runs[WAITING]["state"], runs[WAITING]["epochs"]) == ("planned", 4)


def test_a_listed_picture_is_served_and_nothing_else(server, study):
    answer, content = ask(server, f"/picture/{study[1]}/predictions/a%20b.jpg")
    assert (answer.status, content, answer.headers["Content-Type"]) == (200, b"picture", "image/jpeg")
    for path in (
        f"/picture/{study[1]}/predictions/link.jpg",
        f"/picture/{study[1]}/predictions/..%2F..%2F..%2Fsecret.jpg",
        f"/picture/{study[1]}/predictions/../../../secret.jpg",
        f"/picture/../{study[0].name}/predictions/a%20b.jpg",
        "/picture/r9999999999/predictions/a%20b.jpg/x",
        f"/picture/{study[1]}/results.json",
        f"/{study[1]}/results.json",
        "/../secret.jpg",
        "/run/..",
        "/run/r9999999999",  # a link
        "/etc/passwd",
        "//etc/passwd",
    ):
        answer, content = ask(server, path)
        assert answer.status == 404, path
        assert b"secret" not in content


@pytest.mark.parametrize("path", ["/", "/report", "/run/{run}"])
def test_pages_run_their_own_script_alone_and_no_text_of_a_run_is_html(server, study, path):
    answer, content = ask(server, path.format(run=study[1]))
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src[^;]*(unsafe|\*|http)", policy)
    assert b"<b>seed" not in content
    assert b"attention=<b>" not in content
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_names_of_other_machines_are_refused(server):
    assert ask(server, "/", host="evil.example:80")[0].status == 403
    assert ask(server, "/state.json", host="evil.example")[0].status == 403
    for host in ("localhost:1", "127.0.0.1", "[::1]:8080"):
        assert ask(server, "/", host=host)[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(server, method):
    assert ask(server, "/state.json", method)[0].status == 501


def test_head_answers_without_content(server):
    answer, content = ask(server, "/", "HEAD")
    assert (answer.status, content) == (200, b"")


def test_a_study_without_a_finished_run_says_so_in_its_report(tmp_path):
    with StudyServer(tmp_path) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        answer, content = ask(found, "/report")
        assert (answer.status, b"no finished run yet" in content) == (409, True)
        assert json.loads(ask(found, "/state.json")[1])["runs"] == []
        found.shutdown()
