from __future__ import annotations

from yololab.data.dataset import EpochSampler
from yololab.data.loader import ResumableLoader


class Keys:
    """The keys themselves as samples."""

    def __len__(self):
        return 10

    def __getitem__(self, key):
        return key.epoch, key.index


def loader():
    return ResumableLoader(Keys(), sampler=EpochSampler(10, seed=0), batch_size=4, collate_fn=list)


def test_a_resumed_pass_hands_out_what_the_cut_one_had_left():
    whole, cut, resumed = loader(), loader(), loader()
    expected = list(whole)
    batches = iter(cut)
    first = next(batches)
    state = cut.state_dict()
    assert state == {"epoch": 0, "batches": 1}
    resumed.load_state_dict(state)
    assert [first, *resumed] == expected


def test_after_the_last_batch_the_next_epoch_comes():
    made = loader()
    assert len(list(made)) == 3
    assert made.state_dict() == {"epoch": 1, "batches": 0}
