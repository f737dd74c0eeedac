from __future__ import annotations

import json

from command import yololab


def test_profile_prints_the_promised_keys():
    done = yololab("profile", "model=yolov8", "--json", "block=c2f_ghost_dynamic", "num_classes=80")
    content = json.loads(done.stdout)
    assert content["params_train"] == 2_331_328
    assert content["params_trainable"] == 2_331_312
    assert round(content["gflops_train"], 2) == 6.46
    assert round(content["gflops_reference"], 1) == 6.5
    assert {"params_deploy", "gflops_deploy", "fingerprint"} <= content.keys()
    # The per-layer column that the tutorial prints.
    expected = "464 4672 3624 18560 18320 73984 69392 295424 200968 164608 0 0 84104 0 0 21576 36992 0 59528 147712 0"
    expected += " 233736 897664"
    assert [node["parameters"] for node in content["nodes"]] == [int(number) for number in expected.split()]


def test_profile_for_the_terminal_names_nodes_and_totals():
    text = yololab("profile", "scale=p", "attention=eca").stdout
    assert "neck.spp_attention" in text
    assert "parameters, deploy form" in text
