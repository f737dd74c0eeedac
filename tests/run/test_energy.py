"""Energy from counters of a made-up machine: packages alone, wrapped counters, nothing where nothing can be read."""

from __future__ import annotations

import pytest

from yololab.run import energy
from yololab.run.energy import EnergyMeter, gpus_of


@pytest.fixture
def counters(monkeypatch, tmp_path):
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    for zone, name in (("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:1", "package-1")):
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "name").write_text(f"{name}\n")
        (tmp_path / zone / "max_energy_range_uj").write_text("1000000000\n")
        (tmp_path / zone / "energy_uj").write_text("900000000\n")

    def count(zone, microjoules):
        (tmp_path / zone / "energy_uj").write_text(f"{microjoules}\n")

    return count


def test_packages_are_summed_and_their_parts_are_not(counters):
    with EnergyMeter() as meter:
        counters("intel-rapl:0", 950_000_000)
        counters("intel-rapl:0:0", 990_000_000)
        counters("intel-rapl:1", 901_000_000)
        assert meter.joules() == {"cpu": pytest.approx(51.0)}
    assert meter.joules() == {"cpu": pytest.approx(51.0)}


def test_a_counter_that_began_anew_goes_on(counters):
    with EnergyMeter() as meter:
        counters("intel-rapl:0", 100_000_000)
        assert meter.joules() == {"cpu": pytest.approx(200.0)}
        counters("intel-rapl:0", 150_000_000)
        assert meter.joules() == {"cpu": pytest.approx(250.0)}


def test_it_looks_by_itself_between(counters, monkeypatch):
    monkeypatch.setattr(energy, "SECONDS_BETWEEN", 0.01)
    with EnergyMeter() as meter:
        for microjoules in (999_000_000, 400_000_000, 999_000_000):  # a whole round is lost to whoever looks once
            counters("intel-rapl:0", microjoules)
            while meter._packages[energy.POWERCAP / "intel-rapl:0"] != microjoules:
                pass
    assert meter.joules() == {"cpu": pytest.approx(99.0 + 401.0 + 599.0)}


def test_what_cannot_be_read_is_not_told(counters, tmp_path, monkeypatch):
    (tmp_path / "intel-rapl:1" / "energy_uj").unlink()
    with EnergyMeter() as meter:
        assert meter.joules() == {}
    monkeypatch.setattr(energy, "POWERCAP", tmp_path / "nowhere")
    with EnergyMeter() as meter:
        assert meter.joules() == {}


@pytest.mark.parametrize(
    ("trainer", "expected"),
    [({"accelerator": "cpu", "devices": 2}, 0), ({"accelerator": "auto", "devices": 2}, 2), ({"devices": [1, 3]}, 2)],
)
def test_only_gpus_that_train_are_asked(trainer, expected):
    assert gpus_of(trainer) == expected


def test_gpus_count_from_where_they_were(monkeypatch, tmp_path):
    class Library:
        total = 5000

        def nvmlDeviceGetTotalEnergyConsumption(self, handle):  # noqa: N802 - as NVIDIA has it  # noqa: N802 - as NVIDIA has it
            return self.total + handle

    library = Library()
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    monkeypatch.setattr(energy, "_gpus", lambda count: energy._Gpus(library, {0: 100, 1: 200}))
    with EnergyMeter(gpus=2) as meter:
        library.total += 3000
        assert meter.joules() == {"gpu": pytest.approx(6.0)}
    with EnergyMeter(gpus=2) as meter:
        library.total = None  # the driver has gone
        assert meter.joules() == {}
    assert EnergyMeter(gpus=0).joules() == {}
